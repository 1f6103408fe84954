#include "worker/order_journal.hpp"

#include <utility>

#include "worker/execution/record.hpp"

namespace bullpen::worker {

namespace {

constexpr mode_t k_mode = 0600;

bool is_entry(const execution::Record& record) {
    const auto* intended = std::get_if<execution::Intended>(&record);
    return intended != nullptr && intended->terms.purpose == model::Purpose::entry;
}

}  // namespace

OrderJournal::OrderJournal(std::function<storage::Journal&()> journal, storage::FileSystem& files,
                           std::string reserve)
    : journal_(std::move(journal)), files_(files), reserve_(std::move(reserve)) {}

Result<void> OrderJournal::durable(const execution::Record& record) {
    if (!is_entry(record))
        return append_in_need(record, storage::Durability::disk);
    // Before something is held there must be room for the record of its stop.
    BULLPEN_CHECK(keep_reserve());
    return append(record, storage::Durability::disk);
}

Result<void> OrderJournal::record(const execution::Record& record) {
    return append_in_need(record, storage::Durability::process);
}

Result<void> OrderJournal::append(const execution::Record& record, storage::Durability durability) {
    auto appended = journal_().append(static_cast<std::uint16_t>(execution::kind(record)),
                                      encode(record), durability);
    if (!appended)
        return fail(appended.error());
    return {};
}

Result<void> OrderJournal::append_in_need(const execution::Record& record,
                                          storage::Durability durability) {
    auto done = append(record, durability);
    if (done || !reserved_ || !storage::is_out_of_space(done.error()))
        return done;
    reserved_ = false;
    // Should it be gone already, the record is tried all the same.
    (void)files_.remove(reserve_);
    return append(record, durability);
}

Result<void> OrderJournal::keep_reserve() {
    if (reserved_)
        return {};
    BULLPEN_TRY(const auto file, files_.create(reserve_, k_mode));
    // Not a hole: what was never written takes no room.
    const std::string nothing(k_reserve_bytes, '\0');
    const auto taken = file->append(nothing);
    if (taken && *taken == nothing.size()) {
        reserved_ = true;
        return {};
    }
    (void)files_.remove(reserve_);
    if (!taken)
        return fail(taken.error());
    return fail(std::make_error_code(std::errc::no_space_on_device), "keeping room for orders");
}

}  // namespace bullpen::worker
