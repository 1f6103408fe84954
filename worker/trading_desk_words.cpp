// What a trading desk says of itself: into the log, into the audit log, and to its worker.
#include "worker/trading_desk.hpp"

namespace bullpen::worker {

namespace {

using execution::NoticeKind;

bool is_new(const execution::Notice& notice) {
    return notice.kind == NoticeKind::order_changed &&
           notice.detail == static_cast<std::uint16_t>(execution::Status::intended);
}

}  // namespace

void TradingDesk::audit(std::string_view event, log::Fields fields) {
    if (auto noted = context_.audit().append(event, fields); !noted)
        last_trouble_ = noted.error().message();
}

void TradingDesk::tell_notices() {
    auto& orders = trader_->orders();
    for (const auto& notice : orders.notices())
        tell(notice);
    for (const auto& trade : orders.trades()) {
        const auto net = model::text(trade.net());
        const auto day = model::text(trader_->risk().day_profit());
        const auto minutes =
            std::chrono::floor<std::chrono::minutes>(trade.closed - trade.opened).count();
        context_.log().info("trade_closed",
                            {{"number", trade.number},
                             {"side", trade.side == model::Side::buy ? "long" : "short"},
                             {"quantity", trade.quantity},
                             {"opened", trade.opened},
                             {"closed", trade.closed},
                             {"minutes", minutes},
                             {"net", net},
                             {"day_pnl", day},
                             {"why", trade.why.view()}});
    }
    orders.take();
}

// Nobody has to set a job to hear what a day came to; where one is set, it says so.
void TradingDesk::tell_day_end(UtcTime bar_end, bool newest) {
    const auto& risk = trader_->risk();
    const auto day = risk.trading_day();
    if (!day)
        return;
    const bool shut = trader_->session_at(bar_end).shut != time::Shut::open;
    const auto ended = day_end_.on_bar(
        {*day, risk.day_profit(), risk.day().trades, risk.position().quantity}, shut, newest);
    const auto& job = context_.settings().jobs->of(config::JobKind::daily_summary);
    if (!ended || !job.schedule.empty())
        return;
    const auto profit = model::text(ended->profit);
    const auto name = format_utc(UtcTime(ended->day)).substr(0, 10);
    context_.log().info("day_ended", {{"trading_day", name},
                                      {"day_pnl", profit},
                                      {"currency", ended->profit.currency.code()},
                                      {"trades", ended->trades},
                                      {"quantity", ended->quantity},
                                      {"shadow", shadow()}});
}

// By how much it was too much, if that is still known.
std::string TradingDesk::denial_text(const execution::Notice& notice) const {
    const auto code = static_cast<risk::DenialCode>(notice.denial);
    const auto& last = trader_->last_unmade();
    if (last && last->denial && last->denial->code == code)
        return risk::text(*last->denial);
    return std::string(risk::code(code));
}

// An order that the risk gate has approved and the journal has, with all its terms.
void TradingDesk::audit_new(const model::OrderTerms& terms) {
    audit(execution::code(NoticeKind::order_changed),
          {{"symbol", terms.symbol.view()},
           {"order", terms.id.view()},
           {"detail", execution::code(execution::Status::intended)},
           {"purpose", model::code(terms.purpose)},
           {"side", model::code(terms.side)},
           {"type", model::code(terms.type)},
           {"quantity", terms.quantity},
           {"limit", price_text(terms.limit)},
           {"stop", price_text(terms.stop)},
           {"risk", "approved"}});
}

// Why the order is, or stands where it stands.
std::string_view TradingDesk::why_of(const execution::Order& order) const {
    const auto* guard = trader_->orders().book().guard(order.terms.symbol);
    const bool is_moved = order.is_stop() && guard != nullptr && !guard->moved.empty();
    return is_moved ? guard->moved.view() : order.why.view();
}

// What the risk gate decided apart from orders: a limit that wants the account flat and lets
// nothing be entered, and that it does not any more.
void TradingDesk::tell_risk() {
    if (const auto latch = trader_->risk().latch(); latch != limit_told_) {
        const auto& named = latch ? latch : limit_told_;
        const auto event = latch ? "limit_reached" : "limit_lifted";
        const log::Fields fields = {{"limit", risk::code(named->limit)},
                                    {"market_time", named->since},
                                    {"for_good", named->for_good}};
        context_.log().warn(event, fields);
        audit(event, fields);
        limit_told_ = latch;
    }
}

void TradingDesk::tell_held_long(UtcTime at) {
    const auto opened = trader_->opened();
    const Nanos held = opened ? at - *opened : Nanos{0};
    const auto minutes = std::chrono::floor<std::chrono::minutes>(held).count();
    context_.log().warn(
        "held_long", {{"symbol", instrument_.symbol},
                      {"quantity", trader_->orders().held(model::Symbol::cut(instrument_.symbol))},
                      {"minutes", minutes}});
    last_trouble_ = "held_long: the position has been open for " + std::to_string(minutes) +
                    " minutes, longer than strategy.holding_alert: look whether that is meant";
}

std::string TradingDesk::session_trouble() const {
    if (connected())
        return {};
    if (venue_ == nullptr)
        return {};
    const auto& trouble = venue_->trouble();
    if (!trouble.ended)
        return trouble.text;
    return trouble.text + (trouble.final
                               ? "; it does not connect again by itself: bullpenctl resume, halt, "
                                 "flatten or restart of the account does"
                               : "; it connects again once, by itself");
}

void TradingDesk::tell(const execution::Notice& notice) {
    // The trade itself says more; see tell_notices().
    if (notice.kind == NoticeKind::trade_closed)
        return;
    const log::CorrelationScope scope(context_.log(), std::string(notice.order.view()));
    const bool ended =
        notice.kind == NoticeKind::disconnected && venue_ != nullptr && venue_->trouble().ended;
    const auto trouble = ended ? session_trouble() : std::string();
    const auto alarm = ended ? std::string_view(trouble) : execution::alarm(notice.kind);
    if (execution::halts(notice.kind))
        halt_ = notice.kind;
    std::string detail;
    if (notice.kind == NoticeKind::order_changed)
        detail = execution::code(static_cast<execution::Status>(notice.detail));
    else if (notice.kind == NoticeKind::denied)
        detail = execution::code(static_cast<execution::Refusal>(notice.detail));
    else if (notice.kind == NoticeKind::disconnected && venue_ != nullptr)
        detail = venue_->trouble().text;
    if (notice.kind == NoticeKind::denied && notice.denial != 0)
        detail += ": " + denial_text(notice);
    const bool quiet = notice.kind == NoticeKind::order_changed ||
                       notice.kind == NoticeKind::position_changed ||
                       notice.kind == NoticeKind::reconciled;
    const auto level = !alarm.empty() ? log::Level::error
                       : quiet        ? log::Level::debug
                                      : log::Level::info;
    const bool audited =
        notice.kind != NoticeKind::position_changed && notice.kind != NoticeKind::reconciled;
    const auto price = price_text(notice.price);
    const auto* order = trader_->orders().book().find(notice.order);
    const auto say = [&](log::Fields fields) {
        context_.log().log(level, execution::code(notice.kind), fields);
        if (is_new(notice) && order != nullptr)
            audit_new(order->terms);
        else if (audited)
            audit(execution::code(notice.kind), fields);
    };
    if (order == nullptr) {
        say({{"symbol", notice.symbol.view()},
             {"order", notice.order.view()},
             {"detail", detail},
             {"quantity", notice.quantity},
             {"price", price}});
    } else {
        const auto wanted = order->status == execution::Status::replacing
                                ? price_text(order->new_price)
                                : std::string();
        say({{"symbol", notice.symbol.view()},
             {"order", notice.order.view()},
             {"detail", detail},
             {"purpose", model::code(order->terms.purpose)},
             {"side", model::code(order->terms.side)},
             {"quantity", notice.quantity},
             {"price", price},
             {"why", why_of(*order)},
             {"wanted", wanted}});
    }
    if (!alarm.empty())
        last_trouble_ = std::string(execution::code(notice.kind)) + ": " + std::string(alarm);
    if (notice.kind == NoticeKind::filled)
        judge_slippage(notice);
}

void TradingDesk::judge_slippage(const execution::Notice& fill) {
    const auto limit = trader_->risk().slippage_limit();
    if (fill.slippage_ticks <= limit * fill.quantity)
        return;
    // Of several contracts at one price each lost as much.
    const auto ticks = fill.slippage_ticks / fill.quantity;
    const auto price = price_text(fill.price);
    const log::Fields fields = {{"symbol", fill.symbol.view()},
                                {"order", fill.order.view()},
                                {"quantity", fill.quantity},
                                {"price", price},
                                {"ticks", ticks},
                                {"limit", limit}};
    context_.log().warn("slippage_alarm", fields);
    audit("slippage_alarm", fields);
    last_trouble_ = "slippage_alarm: a fill was " + std::to_string(ticks) +
                    " ticks worse than expected: see order " + std::string(fill.order.view());
}

void TradingDesk::tell_would_be() {
    for (const auto& would : shadow_->would_be()) {
        const auto& terms = would.terms;
        context_.log().info(
            "would_be", {{"command", would.command == broker::OrderCommand::submit   ? "submit"
                                     : would.command == broker::OrderCommand::cancel ? "cancel"
                                                                                     : "replace"},
                         {"order", would.order.view()},
                         {"quantity", would.quantity},
                         {"side", terms.side == model::Side::buy ? "buy" : "sell"},
                         {"text", broker::k_shadow_text}});
    }
    shadow_->clear_would_be();
}

}  // namespace bullpen::worker
