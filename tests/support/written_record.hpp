// What a process wrote of its orders before it died, for tests.
#pragma once

#include "common/base/home.hpp"
#include "common/storage/journal.hpp"
#include "tests/support/temporary.hpp"
#include "worker/execution/record.hpp"

namespace bullpen::test {

// Appends this to the journal of an account that no process runs; ends the test when it cannot.
inline void write_record(const Home& home, const AccountId& id, const execution::Record& record) {
    storage::SystemFileSystem files;
    auto journal = storage::Journal::open(files, home.account(id).journal, id).value();
    (void)journal
        .append(static_cast<std::uint16_t>(execution::kind(record)), execution::encode(record),
                storage::Durability::disk)
        .value();
}

}  // namespace bullpen::test
