// OrderJournal: the account's journal as the order manager's recorder. While the disk has room it
// keeps a file of nothing beside it. When it has none, that file makes room for what protects and
// closes, and for what happens to it; never for an entry, which is refused for as long as there is
// no such file. One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "common/storage/journal.hpp"
#include "worker/execution/recorder.hpp"

namespace bullpen::worker {

class OrderJournal final : public execution::Recorder {
  public:
    // Enough for the records of some dozen orders.
    static constexpr std::size_t k_reserve_bytes = 32UL * 1024;

    // The journal need not be open yet. `files` outlives it; `reserve` is the path of the file.
    OrderJournal(std::function<storage::Journal&()> journal, storage::FileSystem& files,
                 std::string reserve);

    Result<void> durable(const execution::Record& record) override;
    Result<void> record(const execution::Record& record) override;

  private:
    Result<void> append(const execution::Record& record, storage::Durability durability);
    Result<void> append_in_need(const execution::Record& record, storage::Durability durability);
    Result<void> keep_reserve();

    std::function<storage::Journal&()> journal_;
    storage::FileSystem& files_;
    std::string reserve_;
    bool reserved_ = false;  // the file is there, as this process made it
};

}  // namespace bullpen::worker
