#include "trace.hpp"

#include <iostream>

#include "worker/execution/order_machine.hpp"

namespace bullpen::simulation {

using namespace execution;

namespace {

std::string outcome_text(broker::Outcome outcome) {
    constexpr std::array<const char*, 4> k_texts{"accepted", "rejected", "not_sent", "unknown"};
    return k_texts.at(static_cast<std::size_t>(outcome));
}
std::string command_text(broker::OrderCommand command) {
    constexpr std::array<const char*, 3> k_texts{"submit", "cancel", "replace"};
    return k_texts.at(static_cast<std::size_t>(command));
}
std::string status_text(broker::BrokerStatus status) {
    constexpr std::array<const char*, 6> k_texts{"pending",   "working",  "filled",
                                                 "cancelled", "rejected", "expired"};
    return k_texts.at(static_cast<std::size_t>(status));
}

struct Text {
    std::string operator()(const Started& r) const {
        return "fence " + std::to_string(r.fence.value);
    }
    std::string operator()(const Intended& r) const {
        return r.terms.id.str() + " " + std::string(code(r.terms.purpose)) + " " +
               std::string(code(r.terms.side)) + " " + std::to_string(r.terms.quantity) +
               " limit " + std::to_string(r.terms.limit.ticks) + " stop " +
               std::to_string(r.terms.stop.ticks);
    }
    std::string operator()(const Denied& r) const { return std::to_string(r.refusal); }
    std::string operator()(const Sent& r) const { return r.order.str(); }
    std::string operator()(const Commanded& r) const {
        return r.order.str() + " " + command_text(r.command) + " " + std::to_string(r.quantity) +
               " " + std::to_string(r.price.ticks);
    }
    std::string operator()(const Answered& r) const {
        return r.order.str() + " " + command_text(r.command) + " " + outcome_text(r.outcome);
    }
    std::string operator()(const Reported& r) const {
        return r.order.str() + " " + status_text(r.status) + " " + std::to_string(r.filled) + "/" +
               std::to_string(r.quantity) + " stop " + std::to_string(r.stop.ticks) + " updated " +
               format_utc(r.updated);
    }
    std::string operator()(const Filled& r) const {
        return r.fill.order.str() + " " + r.fill.execution.str() + " " +
               std::string(code(r.fill.side)) + " " + std::to_string(r.fill.quantity) + " at " +
               std::to_string(r.fill.price.ticks);
    }
    std::string operator()(const Concluded& r) const {
        return r.order.str() + " " + std::to_string(static_cast<int>(r.conclusion));
    }
    std::string operator()(const Unwanted& r) const { return r.order.str(); }
    std::string operator()(const Planned& r) const { return std::to_string(r.stop.ticks); }
    std::string operator()(const ExitBegun& r) const {
        return std::string(code(r.key.leg)) + " " + std::to_string(r.quantity) + " " + r.why.str();
    }
    std::string operator()(const ExitEnded& r) const {
        return std::to_string(static_cast<int>(r.how));
    }
    std::string operator()(const Adopted& r) const { return std::to_string(r.quantity); }
    std::string operator()(const Blocked& r) const { return r.on ? "on" : "off"; }
    std::string operator()(const Reconciled& r) const { return format_utc(r.fills_since); }
    std::string operator()(const Balance& r) const { return model::text(r.cash); }
    std::string operator()(const Traded& r) const {
        return std::to_string(r.trade.number) + " " + text(r.trade.net());
    }
};

UtcTime time_of(const Record& record) {
    return std::visit(
        [](const auto& typed) {
            if constexpr (requires { typed.at; })
                return typed.at;
            else
                return typed.trade.closed;
        },
        record);
}

}  // namespace

void print_records(const std::vector<Record>& records, std::size_t count) {
    for (std::size_t i = records.size() - std::min(count, records.size()); i < records.size();
         ++i) {
        std::cout << format_utc(time_of(records[i])) << " " << code(kind(records[i])) << " "
                  << std::visit(Text{}, records[i]) << "\n";
    }
}

}  // namespace bullpen::simulation
