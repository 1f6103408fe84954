// The calendar's snapshot and the operator's override file may hold anything after a bad disk or a
// bad edit: reading them must end in a value or an error, what is read must be written back to the
// same, and a timeline must come of it that answers.
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/base/assert.hpp"
#include "common/events/blackout.hpp"
#include "common/storage/checksum.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::events;

// No system time zones: what is tried here needs none of its own.
const time::Zone& zone() {
    static const time::Zone utc = time::Zone::utc();
    return utc;
}

void ask(const Snapshot& snapshot, const Overrides& overrides) {
    static const AccountRules rules = *AccountRules::from({});
    Timeline::Input input;
    input.snapshot = &snapshot;
    input.overrides = &overrides;
    input.rules = &rules;
    input.new_york = &zone();
    input.now = snapshot.events.empty() ? UtcTime{} : snapshot.events.front().utc;
    input.from = input.now;
    input.to = input.now + std::chrono::hours(24 * 10);
    const Timeline line = Timeline::build(input);
    UtcTime at = input.from;
    for (int i = 0; i < 100 && at < input.to; ++i) {
        const Answer answer = line.query(at);
        BULLPEN_ASSERT(answer.from <= at && at < answer.to, "an answer holds when it is given");
        at = answer.to;
    }
}

void try_snapshot(std::string_view text, const Overrides& overrides) {
    const auto snapshot = decode_snapshot(text);
    if (!snapshot)
        return;
    const auto again = decode_snapshot(encode(*snapshot));
    BULLPEN_ASSERT(again && *again == *snapshot, "a snapshot survives being written");
    ask(*snapshot, overrides);
}

// With a sound checksum, so that what is behind it is reached.
void try_sealed(std::string_view body) {
    std::string header =
        R"({"bullpen":"calendar","version":1,"generation":1,"written":"2026-11-20T22:00:00.000Z",)"
        R"("program":"","tzdata":"","events":1,"coverage":0,"sources":0)";
    const auto sum = storage::crc32c(body, storage::crc32c(header));
    header += ",\"crc32c\":\"" + storage::checksum_text(sum) + "\"}\n";
    try_snapshot(header + std::string(body), {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Overrides overrides;
    if (const auto read = decode_overrides(text)) {
        const auto again = decode_overrides(encode(*read));
        BULLPEN_ASSERT(again && *again == *read, "overrides survive being written");
        overrides = *read;
        ask({}, overrides);
    }
    try_snapshot(text, overrides);
    try_sealed(text);
    return 0;
}
