// Commands, and what the exchange makes of them.
#include <algorithm>
#include <array>
#include <charconv>

#include "common/base/errc.hpp"
#include "venue/venue.hpp"

namespace bullpen::venue {

namespace {

// What is told after its successor comes so much later.
constexpr Nanos k_reordered_by = std::chrono::milliseconds(50);

constexpr std::string_view k_garbage = "<html><body><h1>502 Bad Gateway</h1></body></html>\n";

// A time as it is told. Before the first bar a market has no time to be wrong about.
UtcTime skewed(UtcTime time, const Personality& personality) {
    return std::max(UtcTime{}, time + personality.rules().clock_skew);
}

model::ExecutionId execution_name(std::uint64_t number) {
    return model::ExecutionId::cut("X" + std::to_string(number));
}

// What the order is called that takes back the execution of the number behind it.
constexpr std::string_view k_void = "VOIDX";

// The execution that an order of this name takes back.
std::optional<std::uint64_t> voided_by(const model::ClientOrderId& name) {
    const std::string_view text = name.view();
    std::uint64_t number = 0;
    if (!text.starts_with(k_void) || text.size() == model::ClientOrderId::k_size_max)
        return std::nullopt;
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + k_void.size(), end, number);
    if (read.ec != std::errc{} || read.ptr != end)
        return std::nullopt;
    return number;
}

model::BrokerOrderId order_name(std::uint64_t number) {
    return model::BrokerOrderId::cut("V" + std::to_string(number));
}

}  // namespace

bool Venue::trades_in(const std::string& account, const std::string& market) const {
    const auto rules = settings_.accounts.find(account);
    if (rules == settings_.accounts.end() || rules->second.markets.empty())
        return true;
    const auto& markets = rules->second.markets;
    return std::find(markets.begin(), markets.end(), market) != markets.end();
}

std::optional<std::size_t> Venue::market_for(const std::string& account,
                                             const model::Symbol& symbol) const {
    for (std::size_t i = 0; i < markets_.size(); ++i) {
        if (markets_[i].driver->instrument().symbol == symbol.view() &&
            trades_in(account, markets_[i].name))
            return i;
    }
    return std::nullopt;
}

const model::Instrument& Venue::instrument_of(matching::MarketRef ref) const {
    return exchange_.instrument(ref);
}

bool Venue::strikes(const Session& session, Fault fault, Instant now) {
    const bool yes = personality_.strikes(fault);
    if (yes)
        noted(own_log_->note(now, "fault", session.number, session.account, code(fault)));
    return yes;
}

bool Venue::strikes(const Session& session, Fault fault, std::string_view command,
                    std::string_view purpose, Instant now) {
    const bool yes = personality_.strikes(fault, command, purpose);
    if (yes)
        noted(own_log_->note(now, "fault", session.number, session.account, code(fault)));
    return yes;
}

// The faults that keep a command from being executed.
bool Venue::strikes_before(Session& session, std::uint64_t id, std::string_view command,
                           std::string_view purpose, Instant now) {
    if (strikes(session, Fault::black_hole, command, purpose, now)) {
        session.black_hole = true;
        outputs_.push_back({session.number, Output::Kind::black_hole, {}});
        return true;
    }
    if (strikes(session, Fault::drop_before, command, purpose, now)) {
        break_off(session, "drop_before", now);
        return true;
    }
    if (strikes(session, Fault::expire_session, command, purpose, now)) {
        end(session, false, k_session_expired, now, id);
        return true;
    }
    return false;
}

void Venue::submit(Session& session, const ipc::VenueRequest& request, Instant now) {
    const auto purpose = code(request.purpose);
    if (strikes_before(session, request.id, code(request.kind), purpose, now))
        return;
    const auto at = market_for(session.account, request.symbol);
    if (!at) {
        return answer(session, request, matching::Refusal::by_rule, 0,
                      "there is no market for this symbol", now);
    }
    const matching::MarketRef market{static_cast<std::uint32_t>(*at)};
    if (exchange_.used(session.ref, request.order))
        return answer(session, request, matching::Refusal::duplicate_id, 0, "", now);
    const auto& rules = personality_.rules();
    matching::OrderRequest order;
    order.client = request.order;
    order.side = request.side;
    order.type = request.type;
    order.time_in_force = request.time_in_force;
    order.quantity = request.quantity;
    order.first_part = rules.first_part;
    order.reduce_only = rules.exits_only_reduce && request.purpose != model::Purpose::entry;
    auto refusal = matching::Refusal::none;
    if (!request.price.empty()) {
        const auto price = model::price_from_text(request.price, instrument_of(market).tick,
                                                  model::Rounding::exact);
        if (!price || request.type == model::OrderType::market)
            refusal = matching::Refusal::bad_price;
        else
            (request.type == model::OrderType::stop ? order.stop : order.limit) = *price;
    } else if (request.type != model::OrderType::market) {
        refusal = matching::Refusal::bad_price;
    }
    if (!rules.may_trade)
        refusal = matching::Refusal::trading_forbidden;
    if (strikes(session, Fault::reject, "submit", purpose, now))
        refusal = matching::Refusal::by_rule;
    order.held = strikes(session, Fault::pending, "submit", purpose, now);
    auto costs = exchange_.costs(market);
    costs.refuse_passed_stops = rules.refuse_passed_stops;
    exchange_.set_costs(market, costs);
    facts_[exchange_.last_order_number() + 1] = {request.purpose, request.intent, now.utc};
    const auto number = refusal == matching::Refusal::none
                            ? exchange_.submit(session.ref, market, order)
                            : exchange_.refuse(session.ref, market, order, refusal);
    const auto* made = exchange_.find_order(number);
    if (made->status != matching::Status::rejected &&
        strikes(session, Fault::reject_later, "submit", purpose, now))
        later_.emplace(now.mono + rules.later, Later{number});
    answer(session, request, made->refusal, number, "", now);
    flush_events(now);
}

void Venue::cancel(Session& session, const ipc::VenueRequest& request, Instant now) {
    if (strikes_before(session, request.id, code(request.kind), "", now))
        return;
    const auto* order = exchange_.find_order(session.ref, request.order);
    auto refusal = matching::Refusal::unknown_order;
    if (order != nullptr) {
        const auto purpose = code(facts_[order->number].purpose);
        if (!is_final(order->status) &&
            strikes(session, Fault::cancel_loses, "cancel", purpose, now))
            (void)exchange_.fill_now(order->number);
        refusal = exchange_.cancel(session.ref, order->number);
    }
    answer(session, request, refusal, order == nullptr ? 0 : order->number, "", now);
    flush_events(now);
}

void Venue::replace(Session& session, const ipc::VenueRequest& request, Instant now) {
    if (strikes_before(session, request.id, code(request.kind), "", now))
        return;
    const auto* order = exchange_.find_order(session.ref, request.order);
    auto refusal = matching::Refusal::unknown_order;
    if (!personality_.rules().can_replace) {
        refusal = matching::Refusal::by_rule;
    } else if (order != nullptr) {
        const auto price = model::price_from_text(request.price, instrument_of(order->market).tick,
                                                  model::Rounding::exact);
        refusal = price ? exchange_.replace(session.ref, order->number, request.quantity, *price)
                        : matching::Refusal::bad_price;
    }
    answer(session, request, refusal, order == nullptr ? 0 : order->number, "", now);
    flush_events(now);
}

// The answer to a command that was executed, or refused; with what the personality makes of it.
void Venue::answer(Session& session, const ipc::VenueRequest& request, matching::Refusal refusal,
                   std::uint64_t number, std::string_view text, Instant now) {
    const bool is_submission = request.kind == ipc::VenueRequestKind::submit;
    const auto purpose = is_submission ? code(request.purpose) : std::string_view();
    const auto hit = [&](Fault fault) {
        return strikes(session, fault, code(request.kind), purpose, now);
    };
    if (hit(Fault::drop_after))
        return break_off(session, "drop_after", now);
    if (hit(Fault::lose_answer))
        return;
    if (hit(Fault::garble_answer))
        return session.owe(now.mono, std::string(k_garbage));
    if (hit(Fault::oversize_answer))
        return session.owe(now.mono, std::string(ipc::k_venue_line_max, ' ') + "\n");
    ipc::VenueReply reply;
    reply.kind = ipc::VenueReplyKind::answer;
    reply.id = request.id;
    reply.command = request.kind;
    reply.outcome = refusal == matching::Refusal::none ? ipc::VenueOutcome::accepted
                                                       : ipc::VenueOutcome::rejected;
    reply.order = request.order;
    if (number != 0)
        reply.broker_order = order_name(number);
    reply.text = text.empty() ? sentence(refusal) : text;
    Nanos delay{0};
    if (hit(Fault::delay_answer))
        delay = personality_.rules().answer_delay;
    else if (hit(Fault::reorder))
        delay = k_reordered_by;
    if (is_submission && refusal == matching::Refusal::none && hit(Fault::late_answer)) {
        session.late_answers.insert_or_assign(number, std::move(reply));
        return;
    }
    say(session, std::move(reply), now, delay);
}

ipc::VenueOrder Venue::describe(const matching::Order& order) const {
    const auto& request = order.request;
    const auto& instrument = instrument_of(order.market);
    ipc::VenueOrder told;
    told.order = request.client;
    told.broker_order = order_name(order.number);
    told.symbol = model::Symbol::cut(instrument.symbol);
    told.side = request.side;
    told.type = request.type;
    told.quantity = request.quantity;
    told.filled = order.filled;
    if (request.type != model::OrderType::market) {
        told.price = text(request.type == model::OrderType::stop ? request.stop : request.limit,
                          instrument.tick);
    }
    told.status = order.status;
    told.updated = skewed(order.updated, personality_);
    told.text = sentence(order.refusal);
    return told;
}

ipc::VenueFill Venue::describe(const matching::Execution& execution) const {
    const auto& instrument = instrument_of(execution.market);
    ipc::VenueFill told;
    told.execution = execution_name(execution.number);
    if (const auto voided = voided_by(execution.client))
        told.voids = execution_name(*voided);
    told.order = execution.client;
    told.broker_order = order_name(execution.order);
    told.symbol = model::Symbol::cut(instrument.symbol);
    told.side = execution.side;
    told.quantity = execution.quantity;
    told.price = text(execution.price, instrument.tick);
    told.time = skewed(execution.time, personality_);
    told.fee = text(execution.fee);
    return told;
}

// Everything that has happened at the exchange: into the book, into the log, and to whom it
// concerns.
void Venue::flush_events(Instant now) {
    for (const auto& event : exchange_.events())
        happened(event, now);
    exchange_.clear_events();
}

void Venue::happened(const matching::Event& event, Instant now) {
    const auto& order = event.order;
    auto& facts = facts_[order.number];
    facts.wall = now.utc;
    EventRecord one;
    one.account = exchange_.name(order.account);
    one.market = markets_[order.market.index].name;
    one.event = event;
    one.purpose = facts.purpose;
    one.wall = now.utc;
    const bool filled = event.kind == matching::EventKind::filled;
    if (filled)
        execution_wall_[event.execution.number] = now.utc;
    record(one);
    noted(own_log_->order(now, one, instrument_of(order.market), facts.intent));
    tell_event(event, now);
    if (filled && !voided_by(order.request.client) && personality_.strikes(Fault::void_fill)) {
        noted(own_log_->note(now, "fault", 0, one.account, code(Fault::void_fill)));
        later_.emplace(now.mono + personality_.rules().later,
                       Later{order.number, event.execution.number});
    }
}

// Takes an execution back: another one undoes it, at its price and with its fee, of an order that
// says so by its name, which the book keeps.
void Venue::void_execution(std::uint64_t number, std::uint64_t order, Instant now) {
    const auto* const whose = exchange_.find_order(order);
    if (whose == nullptr)
        return;
    const auto& executions = exchange_.executions(whose->account);
    const auto voided =
        std::find_if(executions.begin(), executions.end(),
                     [&](const matching::Execution& one) { return one.number == number; });
    const auto name = model::ClientOrderId::parse(std::string(k_void) + std::to_string(number));
    if (voided == executions.end() || !name || exchange_.used(whose->account, *name))
        return;
    matching::Event event;
    event.kind = matching::EventKind::filled;
    auto& made = event.order;
    made.number = exchange_.last_order_number() + 1;
    made.account = voided->account;
    made.market = voided->market;
    made.request.client = *name;
    made.request.side = voided->side == model::Side::buy ? model::Side::sell : model::Side::buy;
    made.request.quantity = made.filled = voided->quantity;
    made.status = matching::Status::filled;
    made.accepted = made.updated = exchange_.now(voided->market);
    auto& undone = event.execution;
    undone = *voided;
    undone.number = exchange_.last_execution_number() + 1;
    undone.order = made.number;
    undone.client = *name;
    undone.side = made.request.side;
    undone.time = made.updated;
    undone.fee = model::Money{-voided->fee.millionths, voided->fee.currency};
    const auto change = model::apply(exchange_.position(voided->account, voided->market),
                                     undone.side, undone.quantity, undone.price);
    undone.realised_ticks = change.realised_ticks;
    undone.position_after = change.after;
    undone.cash_after = exchange_.cash(voided->account) +
                        value_of_ticks(instrument_of(voided->market), change.realised_ticks) -
                        undone.fee;
    exchange_.apply(event);
    facts_[made.number] = {model::Purpose::entry, "void of X" + std::to_string(number), now.utc};
    happened(event, now);
}

void Venue::tell_event(const matching::Event& event, Instant now) {
    const bool filled = event.kind == matching::EventKind::filled;
    for (auto& [number, one] : sessions_) {
        auto& session = one;
        if (session.stage != Session::Stage::trader || session.ref != event.order.account)
            continue;
        const bool decided = filled || is_final(event.order.status);
        if (filled && strikes(session, Fault::omit_fill, now)) {
            answer_late(session, event.order.number, now, Nanos{0});
            continue;
        }
        auto delay = personality_.rules().event_delay;
        if (strikes(session, Fault::reorder, now))
            delay += k_reordered_by;
        delay = gathered(delay, now);
        const int times = strikes(session, Fault::duplicate, now) ? 2 : 1;
        for (int i = 0; i < times; ++i) {
            if (filled) {
                ipc::VenueReply fill;
                fill.kind = ipc::VenueReplyKind::fill;
                fill.fills.push_back(describe(event.execution));
                say(session, std::move(fill), now, delay);
            }
            ipc::VenueReply order;
            order.kind = ipc::VenueReplyKind::order;
            order.orders.push_back(describe(event.order));
            say(session, std::move(order), now, delay);
        }
        if (decided)
            answer_late(session, event.order.number, now, delay);
    }
}

// The answer that waited for what would become of its order, after that was told.
void Venue::answer_late(Session& session, std::uint64_t order, Instant now, Nanos delay) {
    auto answer = session.late_answers.extract(order);
    if (answer)
        say(session, std::move(answer.mapped()), now, delay);
}

// Up to the next time at which what was gathered is told.
Nanos Venue::gathered(Nanos delay, Instant now) const {
    const auto gather = personality_.rules().gather;
    if (gather <= Nanos{0})
        return delay;
    const auto due = (now.mono + delay).time_since_epoch();
    return delay + (gather - due % gather) % gather;
}

}  // namespace bullpen::venue
