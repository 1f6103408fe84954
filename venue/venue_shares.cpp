// The accounts that trade shares: their requests, and their market's time.
#include <algorithm>
#include <limits>

#include "common/base/errc.hpp"
#include "ipc/json_reader.hpp"
#include "venue/venue.hpp"

namespace bullpen::venue {

namespace {

using ipc::ShareCommand;

// Minutes of the market in one turn, so that a fast one does not keep the sockets waiting.
constexpr int k_steps_a_turn = 64;
constexpr auto k_minute = std::chrono::seconds(60);
constexpr std::size_t k_text_max = 8 * 1024;
constexpr std::int64_t k_steps_max = 100'000;
constexpr model::TickSize k_paisa{10'000'000};  // a hundredth of a rupee

// By which the personality knows it.
std::string_view command_of(ShareCommand command) {
    return command == ShareCommand::cancel || command == ShareCommand::delete_trigger ? "cancel"
                                                                                      : "submit";
}
std::string_view purpose_of(const ipc::ShareRequest& request) {
    if (request.command == ShareCommand::place_trigger)
        return code(model::Purpose::protective_stop);
    return request.side == model::Side::buy ? code(model::Purpose::entry)
                                            : code(model::Purpose::flatten);
}

struct Arguments {
    std::string account;
    std::string symbol;
    std::string side;
    model::Price price;
    model::Price limit;
    std::int64_t quantity = 0;
    std::int64_t number = 0;
    std::int64_t count = 1;
};

Result<Arguments> parse(const std::string& json) {
    Arguments out;
    const std::string text = json.empty() ? "{}" : json;
    BULLPEN_TRY(const auto document, ipc::JsonDocument::parse(text, {k_text_max, 4}));
    ipc::Fields fields(document, 0, "arguments");
    fields.text("account", &out.account, k_text_max);
    fields.text("symbol", &out.symbol, k_text_max);
    fields.text("side", &out.side, k_text_max);
    std::string price;
    std::string limit;
    fields.text("price", &price, k_text_max);
    fields.text("limit", &limit, k_text_max);
    fields.whole("quantity", &out.quantity, 0, matching::k_quantity_max);
    fields.whole("number", &out.number, 0, std::numeric_limits<std::int64_t>::max());
    fields.whole("count", &out.count, 1, k_steps_max);
    BULLPEN_CHECK(fields.status());
    if (!price.empty()) {
        BULLPEN_TRY(out.price, model::price_from_text(price, k_paisa, model::Rounding::exact));
    }
    if (!limit.empty()) {
        BULLPEN_TRY(out.limit, model::price_from_text(limit, k_paisa, model::Rounding::exact));
    }
    return out;
}

}  // namespace

Result<void> Venue::open_shares(Instant now) {
    BULLPEN_TRY(auto market, ShareMarket::open(home_, settings_.shares, now.utc));
    shares_.emplace(std::move(market),
                    ShareKeeper{[this](ShareBookRecord one) { record(one); },
                                [this](ShareMarketRecord one) { record(one); },
                                [this](ShareFactsRecord one) { record(one); },
                                [this](const std::string& account, const std::string& text) {
                                    noted(own_log_->note(shares_at_, "shares", 0, account, text));
                                }});
    return {};
}

model::Money Venue::share_cash(const std::string& account) const {
    const auto rules = settings_.accounts.find(account);
    if (rules == settings_.accounts.end() || !rules->second.cash)
        return settings_.shares.cash;
    return {rules->second.cash->millionths, model::k_inr};
}

void Venue::say_shares(Session& session, std::uint64_t id, const ipc::ShareReply& reply,
                       Instant now) {
    ipc::VenueReply line;
    line.kind = ipc::VenueReplyKind::shares;
    line.id = id;
    line.result = encode(reply);
    say(session, std::move(line), now);
}

void Venue::serve_shares(Session& session, const ipc::VenueRequest& request, Instant now) {
    const auto asked = ipc::decode_share_request(request.arguments);
    if (!asked) {
        return end(session, false, "what came is no request of shares: " + asked.error().context(),
                   now);
    }
    shares_at_ = now;
    const bool changes = ipc::changes(asked->command);
    const auto command = command_of(asked->command);
    const auto purpose = purpose_of(*asked);
    if (changes && too_fast(session, now)) {
        auto reply = shares_->time_told();
        reply.command = asked->command;
        reply.refusal = ipc::k_share_too_fast;
        return say_shares(session, request.id, reply, now);
    }
    if (changes && strikes_before(session, request.id, command, purpose, now))
        return;
    if (asked->command == ShareCommand::follow)
        session.follows_shares = true;
    std::vector<ipc::ShareReply> replies;
    if (changes && strikes(session, Fault::reject, command, purpose, now)) {
        replies.push_back(shares_->time_told());
        replies.back().command = asked->command;
        replies.back().refusal = "by_rule";
    } else {
        replies = shares_->serve(session.account, share_cash(session.account), *asked);
    }
    const auto hit = [&](Fault fault) {
        return changes && strikes(session, fault, command, purpose, now);
    };
    if (hit(Fault::drop_after))
        return break_off(session, "drop_after", now);
    if (hit(Fault::lose_answer) || (!changes && strikes(session, Fault::lose_query, now)))
        return;
    for (const auto& reply : replies)
        say_shares(session, request.id, reply, now);
}

// By the wall's clock, or so fast as the settings say. Nothing moves while nobody trades shares.
void Venue::step_shares(Instant now) {
    const auto& settings = settings_.shares;
    shares_due_.reset();
    if (failure_ || !shares_->used() || settings.pace == SharePace::manual)
        return;
    shares_at_ = now;
    if (!settings.first_day) {
        for (int i = 0; i < k_steps_a_turn && shares_->market().next().at <= now.utc; ++i)
            share_stepped(now);
        shares_due_ = now.mono + (shares_->market().next().at - now.utc);
        return;
    }
    const auto pause = Nanos(
        static_cast<std::int64_t>(static_cast<double>(Nanos(k_minute).count()) / settings.speed));
    if (!shares_next_)
        shares_next_ = now.mono + pause;
    for (int i = 0; i < k_steps_a_turn && *shares_next_ <= now.mono; ++i) {
        share_stepped(now);
        *shares_next_ += pause;
    }
    // A venue that was held up does not run after its time.
    shares_next_ = std::max(*shares_next_, now.mono);
    shares_due_ = shares_next_;
}

void Venue::share_stepped(Instant now) {
    (void)shares_->step();
    const auto told = shares_->time_told();
    if (personality_.rules().mute_feed)
        return;
    for (auto& [number, session] : sessions_) {
        if (session.follows_shares && session.stage == Session::Stage::trader)
            say_shares(session, 0, told, now);
    }
}

// By hand: the market's time and prices, and what the account's owner does in another program.
Result<std::string> Venue::admin_shares(const std::string& command, const std::string& arguments,
                                        Instant now) {
    BULLPEN_TRY(const auto in, parse(arguments));
    shares_at_ = now;
    if (command == "share_step") {
        for (std::int64_t i = 0; i < in.count; ++i)
            share_stepped(now);
        return encode(shares_->time_told());
    }
    if (command == "share_price") {
        const auto most = in.quantity > 0 ? in.quantity : std::numeric_limits<std::int64_t>::max();
        BULLPEN_CHECK(shares_->set_price(in.symbol, in.price, most));
        return encode(shares_->time_told());
    }
    ipc::ShareRequest request;
    request.symbol = in.symbol;
    if (command == "share_order" || command == "share_trigger") {
        const auto side = model::side_from(in.side);
        if (!side || in.account.empty())
            return fail(Errc::invalid, "account and side are needed");
        request.side = *side;
        request.quantity = in.quantity;
        request.limit = in.price;
        request.first = {in.price, in.limit, in.quantity};
        if (const auto* facts = shares_->market().find(in.symbol))
            request.last_price = facts->last;
        request.command =
            command == "share_order" ? ShareCommand::submit : ShareCommand::place_trigger;
    } else if (command == "share_untrigger") {
        request.command = ShareCommand::delete_trigger;
        request.number = static_cast<std::uint64_t>(in.number);
    } else if (command == "share_account") {
        request.command = ShareCommand::account;
    } else {
        return fail(Errc::not_found, "there is no command '" + command + "'");
    }
    const auto replies = shares_->serve(in.account, share_cash(in.account), request);
    if (!replies.front().refusal.empty())
        return fail(Errc::refused, replies.front().refusal);
    return encode(replies.front());
}

}  // namespace bullpen::venue
