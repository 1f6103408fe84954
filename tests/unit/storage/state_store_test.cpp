#include "common/storage/state_store.hpp"

#include <doctest/doctest.h>
#include <sys/types.h>
#include <unistd.h>

#include "common/storage/atomic_file.hpp"
#include "common/storage/checksum.hpp"
#include "tests/support/simulated_disk.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::storage {

namespace {

const std::string k_path = "/home/accounts/alpha/state.json";

StateRecord record(std::uint64_t sequence) {
    StateRecord state;
    state.journal_sequence = sequence;
    state.saved = utc_from_nanos(1'790'000'000'123'456'789);
    state.program = "0.1.0";
    state.launch = "7";
    state.data = R"({"position":"flat","n":)" + std::to_string(sequence) + "}";
    return state;
}

StateStore store(test::SimulatedDisk& disk, const char* account = "alpha",
                 std::uint32_t schema = 1) {
    std::vector<Migration> migrations;
    for (std::uint32_t i = 1; i < schema; ++i) {
        migrations.emplace_back([i](const std::string& data) -> Result<std::string> {
            return data.substr(0, data.size() - 1) + ",\"m" + std::to_string(i) + "\":1}";
        });
    }
    return {disk, k_path, test::account_id(account), schema, std::move(migrations)};
}

}  // namespace

TEST_CASE("a first start finds no state") {
    test::SimulatedDisk disk;
    const auto loaded = store(disk).load();
    REQUIRE(loaded);
    CHECK(loaded->origin == StateOrigin::none);
    CHECK(!loaded->record);
    CHECK(loaded->trouble.empty());
}

TEST_CASE("what was saved is loaded") {
    test::SimulatedDisk disk;
    auto states = store(disk);
    auto state = record(12);
    state.clean_exit = true;
    state.fence = {1042};
    state.last_words = LastWords{75, "disk_full", "no space for \"state\"\n"};
    REQUIRE(states.save(state));
    const auto loaded = states.load();
    REQUIRE(loaded);
    CHECK(loaded->origin == StateOrigin::current);
    CHECK(*loaded->record == state);
}

TEST_SUITE("critical") {
    TEST_CASE("the state of another account is refused") {
        test::SimulatedDisk disk;
        REQUIRE(store(disk, "alpha").save(record(1)));
        const auto loaded = store(disk, "beta").load();
        REQUIRE(!loaded);
        CHECK(loaded.error().code() == make_error_code(Errc::wrong_account));
        CHECK(loaded.error().message().find("'alpha'") != std::string::npos);
        CHECK(loaded.error().message().find("'beta'") != std::string::npos);
    }

    TEST_CASE("the state of another account is refused as the one before, too") {
        test::SimulatedDisk disk;
        REQUIRE(store(disk, "alpha").save(record(1)));
        REQUIRE(disk.rename(k_path, previous_of(k_path)));
        CHECK(store(disk, "beta").load().error().code() == make_error_code(Errc::wrong_account));
    }

    TEST_CASE("a state file of another user is refused") {
        test::SimulatedDisk disk;
        REQUIRE(store(disk).save(record(1)));
        disk.set_owner(::geteuid() + 1);
        CHECK(store(disk).load().error().code() == make_error_code(Errc::wrong_account));
    }

    TEST_CASE("a damaged state falls back to the one before, and says so") {
        test::SimulatedDisk disk;
        auto states = store(disk);
        REQUIRE(states.save(record(1)));
        REQUIRE(states.save(record(2)));
        const auto size = disk.content(k_path).size();
        for (std::size_t at = 0; at < size; at += 7) {
            test::SimulatedDisk other;
            auto damaged = store(other);
            REQUIRE(damaged.save(record(1)));
            REQUIRE(damaged.save(record(2)));
            other.corrupt(k_path, at);
            const auto loaded = damaged.load();
            REQUIRE(loaded);
            CHECK(loaded->origin == StateOrigin::previous);
            CHECK(loaded->record->journal_sequence == 1);
            CHECK(!loaded->trouble.empty());
            // The damaged one is kept for a look, and does not become the previous one.
            CHECK(other.exists(k_path + ".damaged"));
            REQUIRE(damaged.save(record(3)));
            CHECK(damaged.load()->record->journal_sequence == 3);
            CHECK(peek_state(other, previous_of(k_path))->record.journal_sequence == 1);
        }
    }

    TEST_CASE("when both are damaged nothing is guessed") {
        test::SimulatedDisk disk;
        auto states = store(disk);
        REQUIRE(states.save(record(1)));
        disk.corrupt(k_path, 5);
        CHECK(states.load().error().code() == make_error_code(Errc::corrupt));
        disk.put_file(previous_of(k_path), "{}");
        CHECK(states.load().error().code() == make_error_code(Errc::corrupt));
    }

    TEST_CASE("a state of a newer version is refused") {
        test::SimulatedDisk disk;
        REQUIRE(store(disk, "alpha", 3).save(record(1)));
        const auto loaded = store(disk, "alpha", 2).load();
        REQUIRE(!loaded);
        CHECK(loaded.error().code() == make_error_code(Errc::newer_version));
    }
}

TEST_CASE("an old schema is migrated step by step and its copy is kept") {
    test::SimulatedDisk disk;
    REQUIRE(store(disk, "alpha", 1).save(record(4)));
    auto newer = store(disk, "alpha", 3);
    const auto loaded = newer.load();
    REQUIRE(loaded);
    CHECK(loaded->migrated_from == 1);
    CHECK(loaded->record->schema == 3);
    CHECK(loaded->record->data == R"({"position":"flat","n":4,"m1":1,"m2":1})");
    CHECK(peek_state(disk, newer.copy_path(1))->record == record(4));
}

TEST_CASE("a downgrade starts from the copy that the migration kept") {
    test::SimulatedDisk disk;
    REQUIRE(store(disk, "alpha", 1).save(record(4)));
    auto newer = store(disk, "alpha", 2);
    REQUIRE(newer.load());
    REQUIRE(newer.save(record(9)));
    auto older = store(disk, "alpha", 1);
    const auto loaded = older.load();
    REQUIRE(loaded);
    CHECK(loaded->origin == StateOrigin::older_copy);
    CHECK(loaded->record->journal_sequence == 4);
    CHECK(loaded->trouble.find("schema 2") != std::string::npos);
    // The way up again is kept as well.
    REQUIRE(older.save(record(5)));
    CHECK(peek_state(disk, older.copy_path(2))->record.journal_sequence == 9);
}

TEST_CASE("a state that is no JSON object is not saved") {
    test::SimulatedDisk disk;
    auto states = store(disk);
    for (const char* data : {"", "[]", "{", "{}{}", "nul", "{\"a\":NaN}", " {}"}) {
        auto state = record(1);
        state.data = data;
        CHECK_MESSAGE(!states.save(state), data);
    }
    auto deep = record(1);
    deep.data = "{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}";
    CHECK(!states.save(deep));
    auto large = record(1);
    large.data = "{\"a\":\"" + std::string(k_state_size_max, 'x') + "\"}";
    CHECK(states.save(large).error().code() == make_error_code(Errc::too_large));
    CHECK(!disk.exists(k_path));
}

TEST_CASE("the file is JSON of the documented shape") {
    // Also docs/state-file.md's example.
    auto state = record(12);
    state.data = R"({"engine":{}})";
    CHECK(format_state(test::account_id("alpha"), state) ==
          "{\"checksum\":\"crc32c:49cfc053\",\n"
          "\"header\":{\"account\":\"alpha\",\"clean_exit\":false,\"format\":\"bullpen-state\","
          "\"journal_sequence\":12,\"launch\":\"7\",\"program\":\"0.1.0\","
          "\"saved\":\"2026-09-21T14:13:20.123456789Z\",\"schema\":1},\n"
          "\"data\":{\"engine\":{}}}\n");
}

TEST_CASE("a header with a wrong member is damage") {
    const auto with = [](std::string_view from, std::string_view to) {
        auto text = format_state(test::account_id("alpha"), record(1));
        const auto body = text.find("\"header\"");
        auto rest = text.substr(body);
        const auto at = rest.find(from);
        REQUIRE(at != std::string::npos);
        rest.replace(at, from.size(), to);
        return parse_state("{\"checksum\":\"crc32c:" + checksum_text(crc32c(rest)) + "\",\n" +
                           rest);
    };
    CHECK(with("\"schema\":1", "\"schema\":2"));
    for (const auto& change : std::vector<std::pair<std::string, std::string>>{
             {"\"schema\":1", "\"schema\":0"},
             {"\"schema\":1", "\"schema\":-1"},
             {"\"schema\":1", "\"schema\":1.5"},
             {"\"schema\":1", "\"schema\":4294967296"},
             {"bullpen-state", "other"},
             {"\"clean_exit\":false", "\"clean_exit\":0"},
             {"\"saved\":\"2026", "\"saved\":\"x"},
             {"\"launch\":\"7\"", "\"launch\":7"},
             {"\"launch\":\"7\"", "\"launch\":\"7\",\"last_words\":7"},
             {"\"launch\":\"7\"",
              "\"launch\":\"7\",\"last_words\":{\"exit_code\":256,\"reason\":\"\","
              "\"sentence\":\"\"}"},
             {"\n\"data\"", "\"data\""}}) {
        CHECK_MESSAGE(
            with(change.first, change.second).error().code() == make_error_code(Errc::corrupt),
            change.second);
    }
}

}  // namespace bullpen::storage
