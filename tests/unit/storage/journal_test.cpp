#include "common/storage/journal.hpp"

#include <doctest/doctest.h>

#include <optional>

#include "tests/support/simulated_disk.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::storage {

namespace {

const std::string k_directory = "/home/accounts/alpha/journal";
const std::string k_first = k_directory + "/00000000000000000001.journal";

Result<Journal> open(FileSystem& disk, const JournalSettings& settings = {}, std::uint64_t next = 1,
                     const char* account = "alpha") {
    return Journal::open(disk, k_directory, test::account_id(account), settings, next);
}

std::vector<std::string> bodies(const Journal& journal, std::uint64_t from = 1) {
    std::vector<std::string> all;
    auto expected = from;
    const auto read = journal.read(from, [&](const JournalRecord& record) -> Result<void> {
        CHECK(record.sequence == expected++);
        all.emplace_back(record.body);
        return {};
    });
    REQUIRE_MESSAGE(read, read.error().message());
    return all;
}

}  // namespace

TEST_CASE("records are read back in order, from any number on") {
    test::SimulatedDisk disk;
    auto journal = open(disk);
    REQUIRE(journal);
    CHECK(journal->append(1, "a").value() == 1);
    CHECK(journal->append(2, "").value() == 2);
    CHECK(journal->append(65535, std::string("c\0d", 3)).value() == 3);
    CHECK(bodies(*journal) == std::vector<std::string>{"a", "", std::string("c\0d", 3)});
    CHECK(bodies(*journal, 3).size() == 1);
    CHECK(bodies(*journal, 4).empty());
    auto again = open(disk);
    REQUIRE(again);
    CHECK(again->next_sequence() == 4);
    CHECK(bodies(*again).size() == 3);
    CHECK(again->recovery().torn_bytes == 0);
}

TEST_CASE("who only looks sees every whole record, changes nothing, and minds no gap or torn end") {
    test::SimulatedDisk disk;
    std::vector<std::uint64_t> seen;
    const auto look = [&]() {
        seen.clear();
        return Journal::look(disk, k_directory, test::account_id("alpha"),
                             [&](const JournalRecord& record) -> Result<void> {
                                 seen.push_back(record.sequence);
                                 return {};
                             });
    };
    const auto missing = look();
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code() == make_error_code(Errc::not_found));
    {
        auto journal = open(disk).value();
        REQUIRE(journal.append(1, "a"));
        REQUIRE(journal.append(1, "b"));
    }
    {
        // A power cut took 3 and 4, of which a state file knows.
        auto journal = open(disk, {}, 5).value();
        REQUIRE(journal.append(1, "e"));
    }
    REQUIRE(look());
    CHECK(seen == std::vector<std::uint64_t>{1, 2, 5});
    const std::string newest = k_directory + "/00000000000000000005.journal";
    const auto whole = disk.read(newest, 1 << 20).value();
    REQUIRE(disk.open_append(newest, 0600).value()->append("half a rec"));
    REQUIRE(look());
    CHECK(seen == std::vector<std::uint64_t>{1, 2, 5});
    CHECK(disk.read(newest, 1 << 20).value() == whole + "half a rec");
    // A segment that is only being begun.
    REQUIRE(
        disk.create(k_directory + "/00000000000000000006.journal", 0600).value()->append("BUL"));
    REQUIRE(look());
    CHECK(seen == std::vector<std::uint64_t>{1, 2, 5});
}

TEST_CASE("a visit that fails ends the reading") {
    test::SimulatedDisk disk;
    auto journal = open(disk).value();
    REQUIRE(journal.append(1, "a"));
    REQUIRE(journal.append(1, "b"));
    int visits = 0;
    const auto read = journal.read(1, [&](const JournalRecord&) -> Result<void> {
        ++visits;
        return fail(Errc::refused, "enough");
    });
    CHECK(!read);
    CHECK(visits == 1);
}

TEST_CASE("a record over the limit is refused") {
    test::SimulatedDisk disk;
    auto journal = open(disk, {.record_size_max = 4}).value();
    CHECK(journal.append(1, "12345").error().code() == make_error_code(Errc::too_large));
    CHECK(journal.append(1, "1234").value() == 1);
}

TEST_CASE("segments follow each other and old ones are dropped") {
    test::SimulatedDisk disk;
    auto journal = open(disk, {.segment_size_max = 200}).value();
    for (int i = 1; i <= 30; ++i)
        REQUIRE(journal.append(1, std::string(40, 'x')));
    CHECK(journal.segments() > 5);
    CHECK(bodies(journal).size() == 30);
    REQUIRE(journal.drop_before(15));
    CHECK(journal.first_sequence() <= 15);
    CHECK(journal.first_sequence() > 10);
    CHECK(bodies(journal, 15).size() == 16);
    const auto gone = journal.read(1, [](const JournalRecord&) -> Result<void> { return {}; });
    CHECK(gone.error().code() == make_error_code(Errc::corrupt));
    REQUIRE(journal.drop_before(1000));
    CHECK(journal.segments() == 1);
    auto again = open(disk).value();
    CHECK(again.next_sequence() == 31);
}

TEST_CASE("the number of segments has a limit") {
    test::SimulatedDisk disk;
    auto journal = open(disk, {.segment_size_max = 1, .segments_max = 2}).value();
    REQUIRE(journal.append(1, "a"));
    REQUIRE(journal.append(1, "b"));
    CHECK(journal.append(1, "c").error().code() == make_error_code(Errc::exhausted));
    REQUIRE(journal.drop_before(2));
    CHECK(journal.append(1, "c").value() == 3);
}

TEST_CASE("numbers are not used twice when a state file is ahead of the journal") {
    test::SimulatedDisk disk;
    {
        auto journal = open(disk).value();
        REQUIRE(journal.append(1, "a"));
    }
    auto journal = open(disk, {}, 10).value();
    CHECK(journal.append(1, "b").value() == 10);
    CHECK(bodies(journal, 10) == std::vector<std::string>{"b"});
    auto again = open(disk).value();
    CHECK(again.next_sequence() == 11);
    CHECK(again.read(2, [](const JournalRecord&) -> Result<void> { return {}; }).error().code() ==
          make_error_code(Errc::corrupt));
}

TEST_SUITE("critical") {
    TEST_CASE("the journal of another account is refused") {
        test::SimulatedDisk disk;
        REQUIRE(open(disk)->append(1, "a"));
        const auto other = open(disk, {}, 1, "beta");
        REQUIRE(!other);
        CHECK(other.error().code() == make_error_code(Errc::wrong_account));
    }

    TEST_CASE("a tail torn at any byte is cut off and everything before it is kept") {
        test::SimulatedDisk whole;
        {
            auto journal = open(whole).value();
            for (const char* body : {"first", "second", "third"})
                REQUIRE(journal.append(1, body));
        }
        const auto content = whole.content(k_first);
        std::vector<std::size_t> ends;
        std::size_t end = content.size();
        for (const std::size_t size : {5U, 6U, 5U}) {
            ends.insert(ends.begin(), end);
            end -= 18 + size;
        }
        for (std::size_t size = 0; size <= content.size(); ++size) {
            test::SimulatedDisk disk;
            disk.put_file(k_first, content.substr(0, size));
            auto journal = open(disk);
            REQUIRE(journal);
            const auto kept = static_cast<std::uint64_t>(
                std::count_if(ends.begin(), ends.end(), [&](auto at) { return at <= size; }));
            CHECK(journal->next_sequence() == kept + 1);
            CHECK(bodies(*journal).size() == kept);
            // It goes on at once, and nothing of the torn record is left.
            CHECK(journal->append(1, "next").value() == kept + 1);
            CHECK(bodies(open(disk).value()).back() == "next");
        }
    }

    TEST_CASE("a torn tail is kept aside, with the whole records found in it counted") {
        test::SimulatedDisk disk;
        std::size_t two = 0;
        {
            auto journal = open(disk).value();
            REQUIRE(journal.append(1, "one"));
            two = disk.content(k_first).size();
            for (const char* body : {"two", "three", "four"})
                REQUIRE(journal.append(1, body));
        }
        const auto all = disk.content(k_first);
        disk.corrupt(k_first, two + 20);
        auto journal = open(disk).value();
        CHECK(bodies(journal) == std::vector<std::string>{"one"});
        CHECK(journal.recovery().torn_bytes == all.size() - two);
        CHECK(journal.recovery().records_after == 2);
        CHECK(disk.content(journal.recovery().torn_file).size() == all.size() - two);
    }

    TEST_CASE("damage that is not at the end is reported, not skipped") {
        test::SimulatedDisk disk;
        {
            auto journal = open(disk, {.segment_size_max = 100}).value();
            for (int i = 0; i < 10; ++i)
                REQUIRE(journal.append(1, std::string(30, 'x')));
            REQUIRE(journal.segments() > 3);
        }
        disk.corrupt(k_first, 70);
        const auto journal = open(disk).value();
        CHECK(journal.read(1, [](const JournalRecord&) -> Result<void> { return {}; })
                  .error()
                  .code() == make_error_code(Errc::corrupt));
    }
}

TEST_CASE("a newer version of the format is refused") {
    test::SimulatedDisk disk;
    REQUIRE(open(disk)->append(1, "a"));
    auto content = disk.content(k_first);
    content[8] = 2;
    // The checksum of the header, at its end.
    auto header = content.substr(0, 52);
    std::string file = header;
    // crc32c of the changed header, little-endian.
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : header) {
        crc ^= static_cast<std::uint8_t>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    }
    crc = ~crc;
    for (unsigned i = 0; i < 4; ++i)
        file.push_back(static_cast<char>((crc >> (8 * i)) & 0xFFU));
    disk.put_file(k_first, file);
    CHECK(open(disk).error().code() == make_error_code(Errc::newer_version));
}

TEST_CASE("a full disk takes nothing and later goes on with the same number") {
    test::SimulatedDisk disk;
    auto journal = open(disk).value();
    REQUIRE(journal.append(1, "one"));
    const auto size = disk.content(k_first).size();
    disk.set_capacity(size + 10);
    for (int i = 0; i < 3; ++i) {
        const auto appended = journal.append(1, "a body that does not fit");
        REQUIRE(!appended);
        CHECK(is_out_of_space(appended.error()));
        CHECK(disk.content(k_first).size() == size);
    }
    disk.clear_faults();
    CHECK(journal.append(1, "two").value() == 2);
    CHECK(bodies(open(disk).value()) == std::vector<std::string>{"one", "two"});
}

TEST_CASE("a half-written record that could not be taken back is taken back later") {
    test::SimulatedDisk disk;
    auto journal = open(disk).value();
    REQUIRE(journal.append(1, "one"));
    // The append is cut short, and the truncation after it fails as well.
    disk.fail_at(disk.steps(), EIO, 2);
    CHECK(!journal.append(1, "lost"));
    disk.clear_faults();
    CHECK(journal.append(1, "two").value() == 2);
    CHECK(bodies(open(disk).value()) == std::vector<std::string>{"one", "two"});
}

TEST_CASE("after a failed sync nothing is promised any more") {
    test::SimulatedDisk disk;
    auto journal = open(disk).value();
    REQUIRE(journal.append(1, "one"));
    disk.fail_at(disk.steps() + 1, EIO);
    CHECK(!journal.append(1, "two", Durability::disk));
    disk.clear_faults();
    CHECK(journal.append(1, "three").error().code() == make_error_code(Errc::unavailable));
    CHECK(journal.sync().error().code() == make_error_code(Errc::unavailable));
    // Opened anew, it says what is there.
    auto again = open(disk).value();
    CHECK(again.append(1, "three"));
}

TEST_CASE("a record for the disk costs one sync, one for the process none") {
    test::SimulatedDisk disk;
    auto journal = open(disk).value();
    REQUIRE(journal.append(1, "segment header is synced"));
    const auto before = disk.syncs();
    REQUIRE(journal.append(1, "a"));
    CHECK(disk.syncs() == before);
    REQUIRE(journal.append(1, "b", Durability::disk));
    CHECK(disk.syncs() == before + 1);
    REQUIRE(journal.sync());
    CHECK(disk.syncs() == before + 1);
}

TEST_CASE("a journal on the real disk survives being opened again") {
    const test::TemporaryDirectory directory;
    SystemFileSystem files;
    const auto path = directory.file("journal");
    for (int run = 0; run < 3; ++run) {
        auto journal = Journal::open(files, path, test::account_id("alpha")).value();
        REQUIRE(journal.append(1, "a", Durability::disk));
    }
    auto journal = Journal::open(files, path, test::account_id("alpha")).value();
    CHECK(journal.next_sequence() == 4);
}

}  // namespace bullpen::storage
