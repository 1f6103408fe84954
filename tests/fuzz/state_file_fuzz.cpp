// A state file and a journal segment may hold anything after a bad disk or a bad day: reading them
// must end in a value or an error, and what is read must be written back to the same value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/storage/checksum.hpp"
#include "common/storage/journal.hpp"
#include "common/storage/state_store.hpp"
#include "tests/support/simulated_disk.hpp"

namespace {

using namespace bullpen;

void require(bool condition) {
    if (!condition)
        std::abort();
}

void try_state(std::string_view text) {
    const auto parsed = storage::parse_state(text);
    if (!parsed)
        return;
    const auto account = AccountId::parse(parsed->account);
    if (!account)
        return;
    const auto again = storage::parse_state(storage::format_state(*account, parsed->record));
    require(again.has_value() && again->record == parsed->record);
}

// With a sound checksum in front, so that what is behind it is reached.
void try_sealed(const std::string& rest) {
    try_state("{\"checksum\":\"crc32c:" + storage::checksum_text(storage::crc32c(rest)) + "\",\n" +
              rest);
}

void try_journal(std::string content) {
    test::SimulatedDisk disk;
    const auto account = AccountId::parse("alpha").value();
    disk.put_file("/j/00000000000000000001.journal", std::move(content));
    auto journal = storage::Journal::open(disk, "/j", account);
    if (!journal)
        return;
    std::uint64_t count = 0;
    const auto read = journal->read(journal->first_sequence(),
                                    [&](const storage::JournalRecord&) -> Result<void> {
                                        ++count;
                                        return {};
                                    });
    require(read.has_value());
    require(journal->first_sequence() + count == journal->next_sequence());
    require(journal->append(1, "next").has_value());
    require(storage::Journal::open(disk, "/j", account)->recovery().torn_bytes == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 3) {
        case 0: try_state(text); break;
        case 1: try_sealed(text); break;
        default: try_journal(text); break;
    }
    return 0;
}
