#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "common/storage/checksum.hpp"
#include "common/storage/journal.hpp"
#include "common/storage/state_store.hpp"
#include "tests/support/simulated_disk.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::storage {

namespace {

std::string json_text(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c >= ' ' && c < 0x7F && c != '"' && c != '\\')
            out.push_back(c);
    }
    return out + "\"";
}

}  // namespace

TEST_CASE("any state survives being written and read") {
    CHECK(rc::check("a formatted state parses back to itself", [] {
        StateRecord record;
        record.schema = *rc::gen::inRange<std::uint32_t>(1, UINT32_MAX);
        record.journal_sequence = *rc::gen::arbitrary<std::uint64_t>();
        record.clean_exit = *rc::gen::arbitrary<bool>();
        record.saved =
            utc_from_nanos(*rc::gen::inRange<std::int64_t>(0, INT64_C(7'000'000'000'000'000'000)));
        record.program = *rc::gen::container<std::string>(rc::gen::inRange(' ', '~'));
        record.launch = std::to_string(*rc::gen::arbitrary<std::uint32_t>());
        record.fence = {*rc::gen::arbitrary<std::uint64_t>()};
        if (*rc::gen::arbitrary<bool>()) {
            record.last_words =
                LastWords{*rc::gen::inRange(0, 256), "crashed",
                          *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127))};
        }
        record.data = "{\"a\":" + json_text(*rc::gen::arbitrary<std::string>()) + "}";
        const auto parsed = parse_state(format_state(test::account_id("alpha"), record));
        RC_ASSERT(parsed.has_value());
        RC_ASSERT(parsed->account == "alpha");
        RC_ASSERT(parsed->record == record);
    }));
}

TEST_CASE("no damaged state is taken for a sound one") {
    CHECK(rc::check("a changed byte is noticed", [] {
        StateRecord record;
        record.data = "{\"a\":" + json_text(*rc::gen::arbitrary<std::string>()) + "}";
        auto text = format_state(test::account_id("alpha"), record);
        const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
        const auto bit = *rc::gen::inRange(0, 8);
        text[at] = static_cast<char>(text[at] ^ (1 << bit));
        RC_ASSERT(!parse_state(text).has_value());
        text.resize(at);
        RC_ASSERT(!parse_state(text).has_value());
    }));
}

TEST_CASE("any records survive any reopening") {
    CHECK(rc::check("a journal gives back what was appended", [] {
        test::SimulatedDisk disk;
        const JournalSettings settings{.segment_size_max =
                                           *rc::gen::inRange<std::uint64_t>(1, 2000)};
        const auto open = [&] {
            return Journal::open(disk, "/j", test::account_id("alpha"), settings).value();
        };
        auto journal = open();
        std::vector<std::pair<std::uint16_t, std::string>> appended;
        const auto count = *rc::gen::inRange(0, 60);
        for (int i = 0; i < count; ++i) {
            if (*rc::gen::inRange(0, 10) == 0)
                journal = open();
            auto body = *rc::gen::arbitrary<std::string>();
            const auto kind = *rc::gen::arbitrary<std::uint16_t>();
            RC_ASSERT(journal.append(kind, body).value() == appended.size() + 1);
            appended.emplace_back(kind, std::move(body));
        }
        journal = open();
        std::size_t seen = 0;
        RC_ASSERT(journal
                      .read(1,
                            [&](const JournalRecord& record) -> Result<void> {
                                RC_ASSERT(record.kind == appended.at(seen).first);
                                RC_ASSERT(record.body == appended.at(seen).second);
                                ++seen;
                                return {};
                            })
                      .has_value());
        RC_ASSERT(seen == appended.size());
    }));
}

}  // namespace bullpen::storage
