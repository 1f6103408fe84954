// What an administrator may do while the venue runs: tests move the market by hand, change the
// personality, and do to an account what somebody else with its password could.
#include <algorithm>

#include "common/base/errc.hpp"
#include "ipc/json_reader.hpp"
#include "venue/venue.hpp"

namespace bullpen::venue {

namespace {

constexpr std::size_t k_text_max = 8 * 1024;
constexpr std::int64_t k_steps_max = 100'000;
constexpr int k_depth_max = 4;

struct Arguments {
    std::string market;
    std::string account;
    std::string toml;
    std::string open;
    std::string high;
    std::string low;
    std::string close;
    std::string kind;
    std::string side;
    std::string price;
    std::string order;
    std::string amount;
    UtcTime start{};
    std::int64_t quantity = 0;
    std::int64_t count = 1;
    bool yes = true;
};

Result<Arguments> parse(const std::string& json) {
    Arguments out;
    const std::string text = json.empty() ? "{}" : json;
    BULLPEN_TRY(const auto document, ipc::JsonDocument::parse(text, {k_text_max, k_depth_max}));
    ipc::Fields fields(document, 0, "arguments");
    const std::pair<const char*, std::string*> texts[] = {
        {"market", &out.market}, {"account", &out.account}, {"toml", &out.toml},
        {"open", &out.open},     {"high", &out.high},       {"low", &out.low},
        {"close", &out.close},   {"kind", &out.kind},       {"side", &out.side},
        {"price", &out.price},   {"order", &out.order},     {"amount", &out.amount}};
    for (const auto& [name, value] : texts)
        fields.text(name, value, k_text_max);
    fields.utc("start", &out.start);
    fields.whole("quantity", &out.quantity, -matching::k_quantity_max, matching::k_quantity_max);
    fields.whole("count", &out.count, 1, k_steps_max);
    fields.boolean("yes", &out.yes);
    BULLPEN_CHECK(fields.status());
    return out;
}

Result<model::Price> price_of(const std::string& text, const model::Instrument& instrument) {
    return model::price_from_text(text, instrument.tick, model::Rounding::exact);
}

std::string place_text(const ipc::VenueStep& step) {
    ipc::JsonWriter out;
    out.open_object();
    out.text("phase", code(step.phase));
    out.integer("bar", static_cast<std::int64_t>(step.bar));
    out.close_object();
    return out.take();
}

}  // namespace

void Venue::admin(Session& session, const ipc::VenueRequest& request, Instant now) {
    noted(own_log_->note(now, "admin", session.number, "", request.command));
    auto done = administer(request.command, request.arguments, now);
    flush_events(now);
    ipc::VenueReply reply;
    reply.kind = ipc::VenueReplyKind::admin;
    reply.id = request.id;
    reply.ok = done.has_value();
    if (done)
        reply.result = std::move(*done);
    else
        reply.text = done.error().context();
    say(session, std::move(reply), now);
}

Result<Venue::Market*> Venue::named_market(const std::string& name) {
    for (auto& market : markets_) {
        if (market.name == name || (name.empty() && markets_.size() == 1))
            return &market;
    }
    return fail(Errc::not_found, "there is no market '" + name + "'");
}

Result<std::string> Venue::administer(const std::string& command, const std::string& arguments,
                                      Instant now) {
    BULLPEN_TRY(const auto in, parse(arguments));
    if (command == "personality") {
        const bool forgot = personality_.rules().forget_followers;
        BULLPEN_CHECK(personality_.change(in.toml));
        if (personality_.rules().forget_followers && !forgot) {
            for (auto& [number, other] : sessions_)
                other.follows_market = false;
        }
        ipc::JsonWriter out;
        out.open_object();
        for (std::size_t i = 0; i < k_faults; ++i) {
            const auto fault = static_cast<Fault>(i);
            if (personality_.struck(fault) > 0)
                out.integer(code(fault), personality_.struck(fault));
        }
        out.close_object();
        return out.take();
    }
    if (command == "reset_personality") {
        personality_.reset({});
        return "{}";
    }
    if (command == "account")
        return admin_account(arguments);
    if (command == "payout")
        return admin_payout(arguments, now);
    if (command == "order")
        return admin_order(arguments, now);
    if (command == "kick") {
        for (auto& [number, session] : sessions_) {
            if (session.stage == Session::Stage::trader && session.account == in.account)
                end(session, in.yes, "closed by an administrator", now);
        }
        return "{}";
    }
    if (command == "cancel" || command == "release" || command == "fill" || command == "void") {
        const auto account = exchange_.find_account(in.account);
        const auto id = model::ClientOrderId::parse(in.order);
        const auto* order = account && id ? exchange_.find_order(*account, *id) : nullptr;
        if (order == nullptr)
            return fail(Errc::not_found, "there is no such order");
        if (command == "void")
            return admin_void(*order, now);
        const auto refusal = command == "cancel"    ? exchange_.cancel(*account, order->number)
                             : command == "release" ? exchange_.release(order->number)
                                                    : exchange_.fill_now(order->number);
        if (refusal != matching::Refusal::none)
            return fail(Errc::refused, std::string(sentence(refusal)));
        return "{}";
    }
    if (command.starts_with("share_"))
        return admin_shares(command, arguments, now);
    if (command == "snapshot") {
        BULLPEN_CHECK(close(now));
        return "{}";
    }
    return admin_market(command, arguments, now);
}

// Takes the newest execution of an order back.
Result<std::string> Venue::admin_void(const matching::Order& order, Instant now) {
    const auto& executions = exchange_.executions(order.account);
    const auto newest =
        std::find_if(executions.rbegin(), executions.rend(),
                     [&](const matching::Execution& one) { return one.order == order.number; });
    if (newest == executions.rend())
        return fail(Errc::not_found, "nothing of the order was executed");
    void_execution(newest->number, order.number, now);
    return "{}";
}

// The market by hand: open, advance, bar (open and all of the walk), tick, step.
Result<std::string> Venue::admin_market(const std::string& command, const std::string& arguments,
                                        Instant now) {
    BULLPEN_TRY(const auto in, parse(arguments));
    BULLPEN_TRY(auto* const market, named_market(in.market));
    auto& driver = *market->driver;
    const auto& instrument = driver.instrument();
    if (command == "open" || command == "bar") {
        model::Bar bar;
        bar.start = in.start;
        bar.volume = 1;
        BULLPEN_TRY(bar.open, price_of(in.open, instrument));
        BULLPEN_TRY(bar.high, price_of(in.high, instrument));
        BULLPEN_TRY(bar.low, price_of(in.low, instrument));
        BULLPEN_TRY(bar.close, price_of(in.close, instrument));
        BULLPEN_TRY(auto step, driver.open_bar(bar));
        stepped(*market, step, now);
        while (command == "bar" && driver.bar_is_open()) {
            step = driver.advance();
            stepped(*market, step, now);
        }
        return place_text(step);
    }
    if (command == "advance") {
        auto step = driver.advance();
        stepped(*market, step, now);
        return place_text(step);
    }
    if (command == "tick") {
        model::Tick tick;
        tick.time = in.start;
        BULLPEN_TRY(tick.price, price_of(in.price, instrument));
        tick.kind = in.kind == "bid"   ? model::TickKind::bid
                    : in.kind == "ask" ? model::TickKind::ask
                                       : model::TickKind::trade;
        auto step = driver.tick(tick);
        stepped(*market, step, now);
        return place_text(step);
    }
    if (command == "step") {
        ipc::VenueStep last;
        for (std::int64_t i = 0; i < in.count && !driver.ended(); ++i) {
            BULLPEN_TRY(last, driver.step(now.mono, personality_.rules().spread_times));
            stepped(*market, last, now);
        }
        return place_text(last);
    }
    return fail(Errc::not_found, "there is no command '" + command + "'");
}

// An order that no program of ours placed: by hand, in another program of the broker's.
Result<std::string> Venue::admin_order(const std::string& arguments, Instant now) {
    BULLPEN_TRY(const auto in, parse(arguments));
    BULLPEN_TRY(auto* const market, named_market(in.market));
    const auto side = model::side_from(in.side);
    const auto kind = model::order_type_from(in.kind);
    if (!side || !kind || in.account.empty())
        return fail(Errc::invalid, "account, side and kind are needed");
    const auto account = account_of(in.account, now);
    matching::OrderRequest order;
    order.side = *side;
    order.type = *kind;
    order.quantity = in.quantity;
    if (*kind != model::OrderType::market) {
        BULLPEN_TRY(const auto price, price_of(in.price, market->driver->instrument()));
        (*kind == model::OrderType::stop ? order.stop : order.limit) = price;
    }
    facts_[exchange_.last_order_number() + 1] = {model::Purpose::entry, "by hand", now.utc};
    const auto number = exchange_.submit(account, market->driver->ref(), order);
    const auto* made = exchange_.find_order(number);
    if (made->status == matching::Status::rejected)
        return fail(Errc::refused, std::string(sentence(made->refusal)));
    ipc::JsonWriter out;
    out.open_object();
    out.integer("number", static_cast<std::int64_t>(number));
    out.close_object();
    return out.take();
}

Result<std::string> Venue::admin_account(const std::string& arguments) const {
    BULLPEN_TRY(const auto in, parse(arguments));
    const auto account = exchange_.find_account(in.account);
    if (!account)
        return fail(Errc::not_found, "there is no account '" + in.account + "'");
    std::int64_t position = 0;
    std::size_t working = 0;
    for (std::uint32_t i = 0; i < markets_.size(); ++i) {
        position += exchange_.position(*account, {i}).quantity;
        working += exchange_.working_orders(*account, {i});
    }
    ipc::JsonWriter out;
    out.open_object();
    out.text("cash", text(exchange_.cash(*account)));
    out.text("equity", text(exchange_.equity(*account)));
    out.integer("position", position);
    out.integer("working", static_cast<std::int64_t>(working));
    out.integer("executions", static_cast<std::int64_t>(exchange_.executions(*account).size()));
    out.close_object();
    return out.take();
}

// As a broker that pays out what an account has won: its cash is less, and nobody traded.
Result<std::string> Venue::admin_payout(const std::string& arguments, Instant now) {
    BULLPEN_TRY(const auto in, parse(arguments));
    const auto account = exchange_.find_account(in.account);
    if (!account)
        return fail(Errc::not_found, "there is no account '" + in.account + "'");
    const auto cash = exchange_.cash(*account);
    BULLPEN_TRY(const auto amount, model::money_from_text(in.amount, cash.currency));
    exchange_.restore_cash(*account, cash - amount);
    record(AccountRecord{in.account, cash - amount});
    noted(own_log_->note(now, "paid_out", 0, in.account, text(amount)));
    return "{}";
}

}  // namespace bullpen::venue
