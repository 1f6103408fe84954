#include "worker/jobs/kept_records.hpp"

#include <doctest/doctest.h>

#include <array>

#include "tests/support/simulated_disk.hpp"
#include "tests/support/temporary.hpp"
#include "worker/jobs/share_ledger.hpp"
#include "worker/jobs/share_records.hpp"
#include "worker/jobs/watch_records.hpp"

namespace bullpen::jobs {
namespace {

const std::string k_path = "/a/shares.json";

ShareRecords with_own(std::int64_t shares) {
    ShareRecords records;
    records.own["INFY"] = shares;
    records.stops["INFY"].own.insert(4711);
    return records;
}

enum class File { whole, damaged, foreign, newer, missing };

std::string text_of(File file, std::int64_t shares) {
    switch (file) {
        case File::whole: return encode(with_own(shares), test::account_id("anna"));
        case File::damaged: return "{\"version\":1,\"account\":\"anna\",\"or";
        case File::foreign: return encode(with_own(shares), test::account_id("bob"));
        case File::newer: return R"({"version":99,"account":"anna"})";
        case File::missing: break;
    }
    return {};
}

void lay(test::SimulatedDisk& disk, const std::string& path, File file, std::int64_t shares) {
    if (file != File::missing)
        REQUIRE(storage::replace_file(disk, path, text_of(file, shares)).has_value());
}

}  // namespace

TEST_CASE("which records count, by how their file and the one before it are") {
    constexpr std::int64_t k_none = 0;
    constexpr std::int64_t k_newest = 2;
    constexpr std::int64_t k_before = 1;
    constexpr std::int64_t k_fails = -1;
    struct Row {
        File newest;
        File before;
        std::int64_t own;
    };
    constexpr std::array<Row, 16> k_rows = {{
        {File::whole, File::whole, k_newest},
        {File::whole, File::damaged, k_newest},
        {File::whole, File::foreign, k_newest},
        {File::whole, File::missing, k_newest},
        {File::damaged, File::whole, k_before},
        {File::damaged, File::damaged, k_fails},
        {File::damaged, File::foreign, k_fails},
        {File::damaged, File::newer, k_fails},
        {File::damaged, File::missing, k_fails},
        {File::missing, File::whole, k_before},
        {File::missing, File::damaged, k_fails},
        {File::missing, File::foreign, k_fails},
        {File::missing, File::missing, k_none},
        {File::foreign, File::whole, k_fails},
        {File::newer, File::whole, k_fails},
        {File::newer, File::missing, k_fails},
    }};
    for (std::size_t i = 0; i < k_rows.size(); ++i) {
        CAPTURE(i);
        const auto& row = k_rows.at(i);
        test::SimulatedDisk disk;
        lay(disk, k_path, row.newest, k_newest);
        lay(disk, storage::previous_of(k_path), row.before, k_before);
        const auto kept = load_share_records(disk, k_path, test::account_id("anna"));
        REQUIRE(kept.has_value() == (row.own != k_fails));
        if (!kept)
            continue;
        CHECK(kept->records == (row.own == k_none ? ShareRecords{} : with_own(row.own)));
        CHECK(kept->trouble.empty() == (row.own != k_before));
        CHECK(kept->damaged == (row.newest == File::damaged));
    }
}

TEST_CASE("a ledger that goes on with the records before leaves its account whole") {
    test::SimulatedDisk disk;
    AccountPaths paths;
    paths.directory = "/a";
    const auto anna = test::account_id("anna");
    REQUIRE(save(disk, k_path, anna, with_own(1)).has_value());
    REQUIRE(save(disk, k_path, anna, with_own(2)).has_value());
    REQUIRE(storage::replace_file(disk, k_path, "garbled").has_value());

    ShareLedger ledger(disk, paths, anna);
    REQUIRE(ledger.load().has_value());
    CHECK(ledger.records() == with_own(1));
    CHECK(ledger.take_trouble().find(k_path) != std::string::npos);
    CHECK(ledger.take_trouble().empty());
    CHECK(disk.content(k_path + ".damaged") == "garbled");

    ShareLedger next(disk, paths, anna);
    REQUIRE(next.load().has_value());
    CHECK(next.records() == with_own(1));
    CHECK(next.take_trouble().empty());
    CHECK(disk.content(storage::previous_of(k_path)) == encode(with_own(1), anna));
}

TEST_CASE("a watchdog whose records are lost begins anew, and one that has those before does not") {
    const std::string path = "/a/watch.json";
    const auto anna = test::account_id("anna");
    const auto known = [](std::int64_t base) {
        WatchRecords records;
        records["INFY"].base = base;
        return records;
    };
    test::SimulatedDisk disk;
    REQUIRE(save(disk, path, anna, known(1)).has_value());
    REQUIRE(save(disk, path, anna, known(2)).has_value());
    CHECK(load_watch_records(disk, path, anna)->trouble.empty());

    REQUIRE(storage::replace_file(disk, path, "garbled").has_value());
    auto kept = load_watch_records(disk, path, anna);
    REQUIRE(kept.has_value());
    CHECK(kept->records == known(1));
    CHECK(kept->damaged);
    CHECK_FALSE(kept->trouble.empty());

    REQUIRE(storage::replace_file(disk, storage::previous_of(path), "garbled").has_value());
    kept = load_watch_records(disk, path, anna);
    REQUIRE(kept.has_value());
    CHECK(kept->records.empty());
    CHECK(kept->damaged);
    CHECK_FALSE(kept->trouble.empty());

    REQUIRE(disk.remove(path).has_value());
    kept = load_watch_records(disk, path, anna);
    REQUIRE(kept.has_value());
    CHECK_FALSE(kept->damaged);
    CHECK_FALSE(kept->trouble.empty());
    CHECK_FALSE(load_watch_records(disk, path, test::account_id("bob"))->trouble.empty());

    REQUIRE(save(disk, path, anna, known(3)).has_value());
    CHECK_FALSE(load_watch_records(disk, path, test::account_id("bob")).has_value());
}

}  // namespace bullpen::jobs
