#include "worker/tools/record_text.hpp"

#include "worker/execution/notice.hpp"
#include "worker/risk/denial.hpp"

namespace bullpen::tools {

namespace {

std::string_view word(broker::OrderCommand command) {
    switch (command) {
        case broker::OrderCommand::submit: return "submit";
        case broker::OrderCommand::cancel: return "cancel";
        case broker::OrderCommand::replace: return "change";
    }
    return "";
}

std::string_view word(broker::Outcome outcome) {
    switch (outcome) {
        case broker::Outcome::accepted: return "accepted";
        case broker::Outcome::rejected: return "rejected";
        case broker::Outcome::not_sent: return "not sent";
        case broker::Outcome::unknown: return "unknown";
    }
    return "";
}

std::string_view word(broker::BrokerStatus status) {
    switch (status) {
        case broker::BrokerStatus::pending: return "pending";
        case broker::BrokerStatus::working: return "working";
        case broker::BrokerStatus::filled: return "filled";
        case broker::BrokerStatus::cancelled: return "cancelled";
        case broker::BrokerStatus::rejected: return "rejected";
        case broker::BrokerStatus::expired: return "expired";
    }
    return "";
}

std::string_view word(execution::Conclusion conclusion) {
    switch (conclusion) {
        case execution::Conclusion::missing: return "missing from the broker's answer";
        case execution::Conclusion::absent: return "nowhere: it was never placed";
        case execution::Conclusion::vanished: return "not known to the broker any more";
        case execution::Conclusion::unchanged: return "as it was before the change";
        case execution::Conclusion::count_: break;
    }
    return "";
}

std::string_view word(execution::ExitEnd end) {
    switch (end) {
        case execution::ExitEnd::done: return "closed";
        case execution::ExitEnd::verified: return "closed, as the broker says too";
        case execution::ExitEnd::failed: return "not closed";
        case execution::ExitEnd::count_: break;
    }
    return "";
}

std::string quoted_if(const execution::Label& label) {
    return label.empty() ? "" : " (" + label.str() + ")";
}

struct WordsOf {
    const model::Instrument& instrument;
    [[nodiscard]] std::string price(model::Price price) const {
        return model::text(price, instrument.tick);
    }

    std::string operator()(const execution::Started& record) const {
        return "a process began to answer for the account, fence " +
               std::to_string(record.fence.value);
    }
    std::string operator()(const execution::Intended& record) const {
        auto text = "intended: " + terms_text(record.terms, instrument) + ", order " +
                    record.terms.id.str();
        if (record.protect)
            text += ", to be protected at " + price(record.stop);
        return text + quoted_if(record.why);
    }
    std::string operator()(const execution::Denied& record) const {
        auto text = "denied: " +
                    std::string(execution::code(static_cast<execution::Refusal>(record.refusal)));
        if (record.refusal == static_cast<std::uint16_t>(execution::Refusal::risk_gate))
            text += ", " + std::string(risk::code(static_cast<risk::DenialCode>(record.denial)));
        return text;
    }
    std::string operator()(const execution::Sent& /*record*/) const { return "sent"; }
    std::string operator()(const execution::Commanded& record) const {
        auto text = std::string(word(record.command)) + " sent";
        if (record.command == broker::OrderCommand::replace) {
            text += ": " + std::to_string(record.quantity) + " at " + price(record.price);
        }
        return text;
    }
    std::string operator()(const execution::Answered& record) const {
        auto text = std::string(word(record.command)) + ": " + std::string(word(record.outcome));
        if (!record.broker_order.empty())
            text += " as " + record.broker_order.str();
        return text + quoted_if(record.text);
    }
    std::string operator()(const execution::Reported& record) const {
        return "the broker has it " + std::string(word(record.status)) + ", " +
               std::to_string(record.filled) + " of " + std::to_string(record.quantity) +
               " filled, as " + record.broker_order.str();
    }
    std::string operator()(const execution::Filled& record) const {
        const auto& fill = record.fill;
        return "filled: " + std::string(model::code(fill.side)) + " " +
               std::to_string(fill.quantity) + " at " + price(fill.price) + ", fee " +
               model::text(fill.fee) + ", execution " + fill.execution.str() + " of " +
               format_utc(fill.time);
    }
    std::string operator()(const execution::Concluded& record) const {
        return std::string(word(record.conclusion));
    }
    std::string operator()(const execution::Unwanted& /*record*/) const {
        return "not wanted any more";
    }
    std::string operator()(const execution::Planned& record) const {
        return "the stop belongs at " + price(record.stop) + quoted_if(record.why);
    }
    std::string operator()(const execution::ExitBegun& record) const {
        return "closing begins: " +
               (record.quantity == 0 ? std::string("all") : std::to_string(record.quantity)) +
               (record.limited ? " at " + price(record.limit) + " or better" : "") +
               quoted_if(record.why);
    }
    std::string operator()(const execution::ExitEnded& record) const {
        return "closing ended: " + std::string(word(record.how));
    }
    std::string operator()(const execution::Adopted& record) const {
        return "taken over from the broker: " + std::to_string(record.quantity) + " at " +
               price(record.price);
    }
    std::string operator()(const execution::Blocked& record) const {
        const bool refused = record.block == execution::Block::stop_refused;
        return std::string(record.on ? "no entries: " : "entries again: ") +
               (refused ? "a stop could not be placed" : "the broker's position is another");
    }
    std::string operator()(const execution::Reconciled& /*record*/) const {
        return "both sides agree";
    }
    std::string operator()(const execution::Traded& record) const {
        const auto& trade = record.trade;
        return "trade " + std::to_string(trade.number) + " closed: net " +
               model::text(trade.net()) + " (fees " + model::text(trade.fees) + ", slippage " +
               std::to_string(trade.slippage_ticks) + " ticks)" + quoted_if(trade.why);
    }
    std::string operator()(const execution::Balance& record) const {
        return "balance " + model::text(record.cash) +
               (record.may_trade ? "" : ", and the account may not trade");
    }
};

}  // namespace

std::string terms_text(const model::OrderTerms& terms, const model::Instrument& instrument) {
    auto text = std::string(model::code(terms.side)) + " " + std::to_string(terms.quantity) + " " +
                terms.symbol.str();
    switch (terms.type) {
        case model::OrderType::market: text += " at the market"; break;
        case model::OrderType::limit:
            text += " at " + model::text(terms.limit, instrument.tick);
            break;
        case model::OrderType::stop:
            text += ", stop " + model::text(terms.stop, instrument.tick);
            break;
    }
    return text + " as " + std::string(model::code(terms.purpose));
}

std::string record_text(const execution::Record& record, const model::Instrument& instrument) {
    return std::visit(WordsOf{instrument}, record);
}

model::ClientOrderId order_of(const execution::Record& record) {
    return std::visit(
        [](const auto& body) -> model::ClientOrderId {
            if constexpr (requires { body.order; })
                return body.order;
            else if constexpr (requires { body.terms.id; })
                return body.terms.id;
            else if constexpr (requires { body.fill; })
                return body.fill.order;
            else
                return {};
        },
        record);
}

std::optional<UtcTime> time_of(const execution::Record& record) {
    return std::visit(
        [](const auto& body) -> std::optional<UtcTime> {
            if constexpr (requires { body.at; })
                return body.at;
            else
                return std::nullopt;
        },
        record);
}

}  // namespace bullpen::tools
