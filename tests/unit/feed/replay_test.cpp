#include <doctest/doctest.h>
#include <unistd.h>

#include <ostream>
#include <string>

#include "common/base/errc.hpp"
#include "common/feed/feed.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/feed/csv_support.hpp"

namespace bullpen::feed {
namespace {

// A file of `count` clean bars with two defects near its start.
std::string file_with(const test::TemporaryDirectory& folder, int count, bool gzip) {
    auto rows = clean_rows(count);
    rows.insert(rows.begin() + 3, rows[3]);
    rows[7] = "#### reconnect ####";
    const std::string path = folder.file(gzip ? "bars.csv.gz" : "bars.csv");
    test::write_text(path, gzip ? gzipped(joined(rows)) : joined(rows));
    return path;
}

ReplayOptions of(const std::string& path) {
    ReplayOptions options;
    options.path = path;
    return options;
}

std::vector<model::Bar> rest_of(Feed* feed) {
    std::vector<model::Bar> bars;
    while (true) {
        const Next next = feed->next({});
        const auto* bar = std::get_if<model::Bar>(&next);
        if (bar == nullptr) {
            CHECK(std::holds_alternative<Ended>(next));
            return bars;
        }
        bars.push_back(*bar);
    }
}

TEST_CASE("a plain and a packed file give the same bars, and a seek goes to any of them") {
    const test::TemporaryDirectory folder;
    auto plain = open_replay(of(file_with(folder, 300, false))).value();
    auto packed = open_replay(of(file_with(folder, 300, true))).value();
    const auto bars = rest_of(plain.get());
    CHECK(bars.size() == 299);
    CHECK(rest_of(packed.get()) == bars);
    for (const std::uint64_t index : {0U, 1U, 150U, 298U, 299U, 20U}) {
        CAPTURE(index);
        REQUIRE(packed->seek(index).has_value());
        CHECK(packed->position() == index);
        CHECK(
            rest_of(packed.get()) ==
            std::vector<model::Bar>(bars.begin() + static_cast<std::ptrdiff_t>(index), bars.end()));
    }
    CHECK(packed->seek(300).error().code() == Errc::not_found);
}

TEST_CASE("a seek to the bar that is waiting for its time gives that bar") {
    const test::TemporaryDirectory folder;
    ReplayOptions options = of(file_with(folder, 50, false));
    options.pace.speed = 60;
    auto feed = open_replay(options).value();
    const Instant start{UtcTime(), MonoTime(std::chrono::hours(1))};
    feed->start(start);
    CHECK(std::holds_alternative<NotYet>(feed->next(start)));
    REQUIRE(feed->seek(0).has_value());
    feed->start(start);
    const Next next = feed->next({UtcTime(), start.mono + std::chrono::seconds(1)});
    REQUIRE(std::holds_alternative<model::Bar>(next));
    CHECK(format_utc(std::get<model::Bar>(next).start) == "2025-01-09T12:00:00.000Z");
}

TEST_CASE("the quality report is the same after a seek as after a straight run") {
    const test::TemporaryDirectory folder;
    const std::string path = file_with(folder, 300, true);
    auto straight = open_replay(of(path)).value();
    rest_of(straight.get());
    auto resumed = open_replay(of(path)).value();
    rest_of(resumed.get());
    REQUIRE(resumed->seek(100).has_value());
    rest_of(resumed.get());
    CHECK(resumed->quality().summary() == straight->quality().summary());
    CHECK(straight->quality().summary() ==
          "301 rows, 299 bars; wrong_columns 1, exact_duplicate 1, gap 1");
    CHECK(resumed->quality().findings().size() == straight->quality().findings().size());
}

TEST_CASE("the identity follows the content and the options, not the name of the file") {
    const test::TemporaryDirectory folder;
    const std::string path = file_with(folder, 50, false);
    const std::string copy = folder.file("copy.csv");
    test::write_text(copy, test::read_text(path));
    const auto identity = [](const ReplayOptions& options) {
        return open_replay(options).value()->identity();
    };
    const std::string first = identity(of(path));
    CHECK(identity(of(copy)) == first);
    ReplayOptions other = of(path);
    other.labels = BarLabels::end;
    CHECK(identity(other) != first);
    other = of(path);
    other.instrument = "ES";
    CHECK(identity(other) != first);
    test::write_text(copy, test::read_text(path) + "\n");
    CHECK(identity(of(copy)) != first);
}

TEST_CASE("a file that cannot be used is refused when it is opened, with its name and the reason") {
    const test::TemporaryDirectory folder;
    const auto missing = open_replay(of(folder.file("none.csv")));
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().message().find("none.csv") != std::string::npos);
    CHECK_FALSE(open_replay(of(folder.path())).has_value());
    test::write_text(folder.file("text.csv"), "hello\nworld\n");
    const auto text = open_replay(of(folder.file("text.csv")));
    REQUIRE_FALSE(text.has_value());
    CHECK(text.error().message().find("text.csv") != std::string::npos);
    ReplayOptions unknown = of(file_with(folder, 10, false));
    unknown.instrument = "XYZ";
    CHECK(open_replay(unknown).error().code() == Errc::not_found);
}

TEST_CASE("a file that vanishes does not stop the run that reads it, but a seek back") {
    const test::TemporaryDirectory folder;
    const std::string path = file_with(folder, 50, false);
    auto feed = open_replay(of(path)).value();
    CHECK(std::holds_alternative<model::Bar>(feed->next({})));
    REQUIRE(::unlink(path.c_str()) == 0);
    CHECK(rest_of(feed.get()).size() == 48);
    CHECK_FALSE(feed->seek(0).has_value());
    CHECK(std::holds_alternative<Fault>(feed->next({})));
}

}  // namespace
}  // namespace bullpen::feed
