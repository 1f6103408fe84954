#include "worker/tools/entry_stories.hpp"

#include "worker/tools/record_text.hpp"

namespace bullpen::tools {

Result<void> EntryStories::record(const execution::Record& record) {
    if (const auto* denied = std::get_if<execution::Denied>(&record)) {
        if (denied->key.leg == model::Purpose::entry)
            why_[{denied->key.signal_bar, denied->side}] = record_text(record, instrument_);
    } else if (const auto* intended = std::get_if<execution::Intended>(&record)) {
        const auto& terms = intended->terms;
        if (terms.key.leg == model::Purpose::entry) {
            orders_[terms.id] = {terms.key.signal_bar, terms.side};
            ended(terms.id, "its order was never sent");
        }
    } else if (std::holds_alternative<execution::Sent>(record)) {
        ended(order_of(record), "its order was sent, and no answer came");
    } else if (const auto* answered = std::get_if<execution::Answered>(&record)) {
        if (answered->command == broker::OrderCommand::submit)
            ended(answered->order, record_text(record, instrument_));
    } else if (std::holds_alternative<execution::Reported>(record) ||
               std::holds_alternative<execution::Concluded>(record) ||
               std::holds_alternative<execution::Unwanted>(record)) {
        ended(order_of(record), "its order: " + record_text(record, instrument_));
    } else if (std::holds_alternative<execution::Filled>(record)) {
        const auto order = orders_.find(order_of(record));
        if (order != orders_.end()) {
            why_.erase(order->second);
            orders_.erase(order);
        }
    }
    return {};
}

void EntryStories::ended(const model::ClientOrderId& order, std::string how) {
    if (const auto found = orders_.find(order); found != orders_.end())
        why_[found->second] = std::move(how);
}

std::string EntryStories::why_none(UtcTime signal_bar, model::Side side) const {
    const auto found = why_.find({signal_bar, side});
    return found == why_.end() ? std::string() : found->second;
}

}  // namespace bullpen::tools
