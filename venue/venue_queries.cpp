// Answers to questions: everything, in pages, or nothing.
#include <algorithm>

#include "venue/venue.hpp"

namespace bullpen::venue {

namespace {

// What one contract is, or what is to be said of it instead.
void say_instrument(const model::Instrument& instrument, std::string_view falsely,
                    ipc::VenueReply& reply) {
    const auto times = [&](std::string_view part) { return falsely == part ? 2 : 1; };
    if (falsely == "symbol")
        reply.symbol = model::Symbol::cut("X" + std::string(instrument.symbol));
    if (falsely == "silent")
        return;
    reply.tick = text(model::Price{times("tick")}, instrument.tick);
    reply.tick_value = text(instrument.tick_value * times("tick_value"));
    reply.point_value = text(instrument.point_value * times("point_value"));
}

}  // namespace

template <class Item>
void Venue::pages(Session& session, const ipc::VenueRequest& request, std::vector<Item> items,
                  std::vector<Item> ipc::VenueReply::*member, ipc::VenueReplyKind kind,
                  Instant now) {
    std::size_t from = 0;
    do {
        const auto size = std::min(ipc::k_venue_page_max, items.size() - from);
        ipc::VenueReply reply;
        reply.kind = kind;
        reply.id = request.id;
        reply.total = items.size();
        const auto begin = items.begin() + static_cast<std::ptrdiff_t>(from);
        (reply.*member)
            .assign(std::make_move_iterator(begin),
                    std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(size)));
        from += size;
        reply.more = from < items.size();
        say(session, std::move(reply), now);
    } while (from < items.size());
}

// `since` may be of the market's time or of the clock's, which differ when the market is a replay:
// what is new by either is told. Too much does no harm, too little would.
void Venue::query_orders(Session& session, const ipc::VenueRequest& request, Instant now) {
    std::vector<ipc::VenueOrder> orders;
    for (const auto& [number, order] : exchange_.orders()) {
        if (order.account != session.ref)
            continue;
        const auto facts = facts_.find(number);
        const bool recent = facts != facts_.end() && facts->second.wall >= request.since;
        if (recent || order.updated >= request.since || !is_final(order.status))
            orders.push_back(describe(order));
    }
    pages(session, request, std::move(orders), &ipc::VenueReply::orders,
          ipc::VenueReplyKind::orders, now);
}

void Venue::query_fills(Session& session, const ipc::VenueRequest& request, Instant now) {
    std::vector<ipc::VenueFill> fills;
    for (const auto& execution : exchange_.executions(session.ref)) {
        const auto wall = execution_wall_.find(execution.number);
        const bool recent = wall != execution_wall_.end() && wall->second >= request.since;
        if (recent || execution.time >= request.since)
            fills.push_back(describe(execution));
    }
    pages(session, request, std::move(fills), &ipc::VenueReply::fills, ipc::VenueReplyKind::fills,
          now);
}

// One position a symbol, over all markets of it.
void Venue::query_positions(Session& session, const ipc::VenueRequest& request, Instant now) {
    ipc::VenueReply reply;
    reply.kind = ipc::VenueReplyKind::positions;
    reply.id = request.id;
    for (std::uint32_t i = 0; i < markets_.size(); ++i) {
        const auto held = exchange_.position(session.ref, {i});
        if (held.flat())
            continue;
        const auto& instrument = instrument_of({i});
        const auto symbol = model::Symbol::cut(instrument.symbol);
        const auto found =
            std::find_if(reply.positions.begin(), reply.positions.end(),
                         [&](const ipc::VenuePosition& one) { return one.symbol == symbol; });
        if (found != reply.positions.end()) {
            found->quantity += held.quantity;
            found->average.clear();
        } else if (reply.positions.size() < ipc::k_venue_page_max) {
            reply.positions.push_back(
                {symbol, held.quantity, text(model::average_price(held), instrument.tick)});
        }
    }
    say(session, std::move(reply), now);
}

void Venue::query(Session& session, const ipc::VenueRequest& request, Instant now) {
    using Kind = ipc::VenueRequestKind;
    if (strikes(session, Fault::lose_query, now))
        return;
    if (strikes(session, Fault::expire_session, code(request.kind), "", now))
        return end(session, false, k_session_expired, now, request.id);
    ipc::VenueReply reply;
    reply.id = request.id;
    switch (request.kind) {
        case Kind::orders: return query_orders(session, request, now);
        case Kind::fills: return query_fills(session, request, now);
        case Kind::positions: return query_positions(session, request, now);
        case Kind::balance:
            reply.kind = ipc::VenueReplyKind::balance;
            reply.balance = text(exchange_.cash(session.ref));
            reply.may_trade =
                personality_.rules().may_trade && exchange_.trading_allowed(session.ref);
            break;
        case Kind::instrument:
            reply.kind = ipc::VenueReplyKind::instrument;
            reply.symbol = request.symbol;
            if (const auto at = market_for(session.account, request.symbol)) {
                say_instrument(markets_[*at].driver->instrument(),
                               personality_.rules().false_instrument, reply);
            }
            break;
        default: return;
    }
    say(session, std::move(reply), now);
}

}  // namespace bullpen::venue
