// Pulls the plug at every step of every write, with many choices of what reached the platter, and
// asks whether the old or the new is there and nothing else.
#include <doctest/doctest.h>

#include "common/storage/atomic_file.hpp"
#include "common/storage/journal.hpp"
#include "common/storage/state_store.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/simulated_disk.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::storage {

namespace {

constexpr int k_choices = 200;  // of what reached the platter, for each step
const std::string k_path = "/home/accounts/alpha/state.json";

StateRecord state(std::uint64_t sequence) {
    StateRecord record;
    record.journal_sequence = sequence;
    record.data = "{\"n\":" + std::to_string(sequence) + "}";
    return record;
}

}  // namespace

TEST_SUITE("critical") {
    TEST_CASE("a state file is the old or the new one whenever the power is cut") {
        const auto seed = test::seed("power_cut_state");
        test::SimulatedDisk measure;
        StateStore measured(measure, k_path, test::account_id("alpha"));
        REQUIRE(measured.save(state(1)));
        REQUIRE(measured.save(state(2)));
        const auto before = measure.steps();
        REQUIRE(measured.save(state(3)));
        const auto steps = measure.steps() - before;
        REQUIRE(steps >= 6);
        int seen_old = 0;
        int seen_new = 0;
        for (std::uint64_t at = 0; at <= steps; ++at) {
            for (int choice = 0; choice < k_choices; ++choice) {
                test::SimulatedDisk disk;
                StateStore store(disk, k_path, test::account_id("alpha"));
                REQUIRE(store.save(state(1)));
                REQUIRE(store.save(state(2)));
                disk.cut_power_at(disk.steps() + at);
                bool acknowledged = false;
                try {
                    acknowledged = store.save(state(3)).has_value();
                } catch (const test::PowerCut&) {
                    acknowledged = false;
                }
                REQUIRE(acknowledged == (at == steps));
                disk.restart(seed + at * k_choices + static_cast<std::uint64_t>(choice));
                const auto loaded = store.load();
                REQUIRE(loaded);
                CHECK(loaded->origin == StateOrigin::current);
                const auto found = loaded->record->journal_sequence;
                CHECK((found == 3 || (found == 2 && !acknowledged)));
                (found == 3 ? seen_new : seen_old)++;
                // And the next save works on whatever the cut left behind.
                REQUIRE(store.save(state(4)));
                CHECK(store.load()->record->journal_sequence == 4);
            }
        }
        CHECK(seen_old > 0);
        CHECK(seen_new > 0);
    }

    TEST_CASE("a state file is the old or the new one whichever step fails") {
        for (const int error : {ENOSPC, EIO, EDQUOT}) {
            for (std::uint64_t at = 0;; ++at) {
                test::SimulatedDisk disk;
                StateStore store(disk, k_path, test::account_id("alpha"));
                REQUIRE(store.save(state(1)));
                REQUIRE(store.save(state(2)));
                const auto before = disk.steps();
                disk.fail_at(before + at, error, 3);
                const bool saved = store.save(state(3)).has_value();
                if (disk.steps() <= before + at)
                    break;  // the save has fewer steps
                disk.clear_faults();
                const auto loaded = store.load();
                REQUIRE(loaded);
                const auto found = loaded->record->journal_sequence;
                CHECK((found == 3 || (found == 2 && !saved)));
                REQUIRE(store.save(state(4)));
                CHECK(store.load()->record->journal_sequence == 4);
            }
        }
    }

    TEST_CASE("records acknowledged as durable are there after any power cut") {
        const auto seed = test::seed("power_cut_journal");
        for (std::uint64_t at = 0; at < 60; ++at) {
            for (int choice = 0; choice < 60; ++choice) {
                test::SimulatedDisk disk;
                const JournalSettings settings{.segment_size_max = 150};
                const auto open = [&] {
                    return Journal::open(disk, "/j", test::account_id("alpha"), settings);
                };
                disk.cut_power_at(at);
                std::uint64_t durable = 0;
                std::uint64_t appended = 0;
                try {
                    auto journal = open().value();
                    for (std::uint64_t i = 1; i <= 12; ++i) {
                        const bool sync = i % 3 == 0;
                        appended = i;  // it may be there even if append() does not return
                        const auto done =
                            journal.append(1, "record " + std::to_string(i),
                                           sync ? Durability::disk : Durability::process);
                        REQUIRE(done);
                        durable = sync ? i : durable;
                    }
                } catch (const test::PowerCut&) {
                }
                disk.restart(seed + at * 60 + static_cast<std::uint64_t>(choice));
                auto journal = open();
                REQUIRE_MESSAGE(journal, journal.error().message());
                std::uint64_t found = 0;
                const auto read =
                    journal->read(1, [&](const JournalRecord& record) -> Result<void> {
                        ++found;
                        CHECK(record.body == "record " + std::to_string(found));
                        return {};
                    });
                REQUIRE_MESSAGE(read, read.error().message());
                CHECK(found >= durable);
                CHECK(found <= appended);
                CHECK(journal->append(1, "after").value() == found + 1);
            }
        }
    }
}

TEST_CASE("a plain file is the old or the new one whenever the power is cut") {
    const auto seed = test::seed("power_cut_file");
    for (const bool keep : {false, true}) {
        for (std::uint64_t at = 0; at < 12; ++at) {
            for (int choice = 0; choice < k_choices; ++choice) {
                test::SimulatedDisk disk;
                REQUIRE(replace_file(disk, "/d/a", "old", {.keep_previous = keep}));
                disk.cut_power_at(disk.steps() + at);
                bool done = false;
                try {
                    done = replace_file(disk, "/d/a", "new", {.keep_previous = keep}).has_value();
                } catch (const test::PowerCut&) {
                    done = false;
                }
                disk.restart(seed + at * k_choices + static_cast<std::uint64_t>(choice));
                const auto content = disk.content("/d/a");
                CHECK((content == "new" || (content == "old" && !done)));
            }
        }
    }
}

}  // namespace bullpen::storage
