// A worker that is killed again and again ends with the same hash as one that never was.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "common/base/random.hpp"
#include "common/storage/file_system.hpp"
#include "tests/integration/worker/worker_process.hpp"
#include "tests/support/seed.hpp"

namespace bullpen {

namespace {

constexpr int k_kills = 50;
constexpr int k_bars = 12'000;

// A walk of one-minute bars over ten days, with a gap now and then.
std::string bars_as_csv() {
    std::string text = "time,open,high,low,close,volume\n";
    SeededRandom random(7);
    std::int64_t price = 20'000;  // ticks of 0.25
    std::int64_t minute = 1'736'200'800 / 60;
    const auto decimal = [](std::int64_t ticks) {
        static const char* const fractions[] = {".00", ".25", ".50", ".75"};
        return std::to_string(ticks / 4) + fractions[ticks % 4];
    };
    for (int i = 0; i < k_bars; ++i) {
        minute += random.chance(0.002) ? random.between(2, 90) : 1;
        const auto open = price;
        const auto close = open + random.between(-6, 6);
        const auto high = std::max(open, close) + random.between(0, 3);
        const auto low = std::min(open, close) - random.between(0, 3);
        price = close;
        text += std::to_string(minute * 60) + "," + decimal(open) + "," + decimal(high) + "," +
                decimal(low) + "," + decimal(close) + "," + std::to_string(random.between(2, 900)) +
                "\n";
    }
    return text;
}

void add_account(const test::TemporaryHome& home, const char* name) {
    test::write_text(home.path() + "/bars.csv", bars_as_csv());
    home.account(test::account_id(name),
                 "[feed]\nkind = \"replay\"\nfile = \"bars.csv\"\nspeed = 60000\n");
}

std::uint64_t journal_size(const Home& home, const char* name) {
    storage::SystemFileSystem files;
    const auto directory = home.account(test::account_id(name)).journal;
    std::uint64_t size = 0;
    const auto names = files.list(directory);
    if (!names)
        return 0;
    for (const auto& file : *names) {
        if (const auto status = files.status(directory + "/" + file))
            size += status->size;
    }
    return size;
}

// Runs the rest of the file to its end; what it prints.
nlohmann::json finish(const test::TemporaryHome& home, const char* name) {
    auto words = test::by_hand(home, name);
    words.insert(words.begin(), test::program("bullpen-worker"));
    words.insert(words.end(), {"--until-end", "--unpaced"});
    const auto outcome = test::run(
        {.argv = words, .environment = {}, .directory = "", .deadline = std::chrono::seconds(120)});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    return nlohmann::json::parse(outcome.out);
}

}  // namespace

TEST_SUITE("critical") {
    TEST_CASE("after fifty kills the hash is that of an uninterrupted run") {
        const test::TemporaryHome quiet;
        add_account(quiet, "alpha");
        const auto expected = finish(quiet, "alpha");
        REQUIRE(expected["bars"] == k_bars);

        const test::TemporaryHome home;
        add_account(home, "alpha");
        SeededRandom random(test::seed("fifty kills"));
        int in_the_middle = 0;
        for (int kill = 0; kill < k_kills; ++kill) {
            const auto before = journal_size(home.home(), "alpha");
            test::WorkerProcess worker(test::by_hand(home, "alpha"), {}, home.path() + "/stdio");
            // Some die while they start, most with bars under way.
            if (!random.chance(0.2)) {
                const auto goal = before + static_cast<std::uint64_t>(random.between(1, 12'000));
                (void)test::eventually(
                    [&] { return worker.ended() || journal_size(home.home(), "alpha") >= goal; });
            }
            worker.send(SIGKILL);
            CHECK(worker.exit_code() == -SIGKILL);
            in_the_middle += journal_size(home.home(), "alpha") > before ? 1 : 0;
        }
        CHECK(in_the_middle > k_kills / 3);
        CHECK(finish(home, "alpha") == expected);
    }
}

TEST_CASE("a run that ended is not run again") {
    const test::TemporaryHome home;
    add_account(home, "alpha");
    const auto first = finish(home, "alpha");
    CHECK(finish(home, "alpha") == first);
    CHECK(first["hash"].get<std::string>().size() == 16);
}

}  // namespace bullpen
