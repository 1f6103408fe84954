// The i-th bar is the same whichever way a feed gets there.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/feed/feed.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::feed {
namespace {

std::vector<model::Bar> straight_run(Feed* feed, std::size_t count) {
    std::vector<model::Bar> bars;
    while (bars.size() < count) {
        const Next next = feed->next({});
        const auto* bar = std::get_if<model::Bar>(&next);
        if (bar == nullptr)
            break;
        bars.push_back(*bar);
    }
    return bars;
}

// Seeks to and fro and compares the bars after each seek with the straight run's.
void check_seeks(Feed* feed, const std::vector<model::Bar>& straight) {
    const auto seeks = *rc::gen::container<std::vector<std::size_t>>(
        6, rc::gen::inRange<std::size_t>(0, straight.size()));
    for (const std::size_t index : seeks) {
        RC_ASSERT(feed->seek(index).has_value());
        for (std::size_t i = index; i < std::min(index + 3, straight.size()); ++i) {
            RC_ASSERT(feed->position() == i);
            const Next next = feed->next({});
            RC_ASSERT(std::holds_alternative<model::Bar>(next));
            RC_ASSERT(std::get<model::Bar>(next) == straight[i]);
        }
    }
}

TEST_CASE("a seek in the synthetic market gives the bar of a straight run") {
    CHECK(rc::check("seek(i), next() = i-th bar", [] {
        SyntheticOptions options;
        options.seed = *rc::gen::arbitrary<std::uint64_t>();
        options.instrument = std::string(
            model::instruments()[*rc::gen::inRange<std::size_t>(0, model::instruments().size())]
                .symbol);
        options.first_day = std::chrono::sys_days(std::chrono::year(2024) / 10 / 28) +
                            std::chrono::days(*rc::gen::inRange(0, 400));
        auto one = open_synthetic(options).value();
        auto other = open_synthetic(options).value();
        check_seeks(other.get(), straight_run(one.get(), 3 * 1380 + 10));
    }));
}

// Rows of a file with every kind of damage mixed in.
std::string any_file() {
    const auto rows = *rc::gen::inRange(20, 400);
    const auto damage = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, rows), rc::gen::inRange(0, 9)));
    std::vector<std::string> lines;
    for (int i = 0; i < rows; ++i) {
        const int price = 6000 + i * 7 % 13;
        lines.push_back(std::to_string(1736424000 + i * 60) + "," + std::to_string(price) + "," +
                        std::to_string(price + 2) + "," + std::to_string(price - 1) + "," +
                        std::to_string(price + 1) + "," + std::to_string(1 + i * 31 % 90));
    }
    for (const auto& [row, kind] : damage) {
        std::string& line = lines[static_cast<std::size_t>(row)];
        const std::size_t other = static_cast<std::size_t>(row + kind * 3) % lines.size();
        switch (kind) {
            case 0: line = ""; break;
            case 1: line += ",junk"; break;
            case 2: line = "#### reconnect ####"; break;
            case 3: line = lines[other]; break;
            case 4: std::swap(line, lines[other]); break;
            case 5: line += "\r"; break;
            case 6: line.insert(0, "9"); break;
            case 7: line += "0"; break;
            case 8: line = line.substr(0, line.size() / 2); break;
            default: break;
        }
    }
    std::string text = "ts,open,high,low,close,volume\n";
    for (const std::string& line : lines)
        text += line + "\n";
    return text;
}

TEST_CASE("a seek in a replayed file gives the bar of a straight run, whatever the file is like") {
    const test::TemporaryDirectory folder;
    const std::string path = folder.file("bars.csv");
    CHECK(rc::check("seek(i), next() = i-th bar; order, shape and counts hold", [&] {
        test::write_text(path, any_file());
        ReplayOptions options;
        options.path = path;
        auto one = open_replay(options);
        if (!one)
            return;
        const auto bars = straight_run(one->get(), 1000);
        for (std::size_t i = 0; i < bars.size(); ++i) {
            RC_ASSERT(model::well_formed(bars[i]));
            RC_ASSERT((i == 0 || bars[i - 1].start < bars[i].start));
        }
        // Every row is accounted for: used, or refused for a reason.
        const Quality& quality = (*one)->quality();
        RC_ASSERT(quality.bars() == bars.size());
        RC_ASSERT(quality.rows() == quality.bars() + quality.refused());
        auto other = open_replay(options).value();
        if (!bars.empty())
            check_seeks(other.get(), bars);
    }));
}

}  // namespace
}  // namespace bullpen::feed
