// A broker of shares in this process: the paper exchange's own desk, behind the parts that jobs are
// given. A test says at which word of the job what goes wrong: the process dies before the word
// leaves or after it was obeyed, or the answer is lost, obeyed or not, or obeyed some words later.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "venue/share_desk.hpp"
#include "worker/broker/shares.hpp"

namespace bullpen::test {

// Thrown where the process dies: what runs then is gone.
struct Death {};

enum class Mishap {
    none,
    dies_before,
    dies_after,
    lost_obeyed,
    lost_unheard,
    lost_late,  // it is obeyed when some more words were said, on the same day
    refused,
};

class DeskBroker final : public broker::ShareReader,
                         public broker::ShareBuyer,
                         public broker::ShareProtector {
  public:
    static constexpr const char* k_account = "anna";

    explicit DeskBroker(model::Money cash)
        : DeskBroker(cash, calendar(), *parse_utc("2026-07-06T00:00:00Z")) {
        desk_->step();
    }
    // Its first day begins with the next step of the desk.
    DeskBroker(model::Money cash, time::MarketCalendar calendar, UtcTime begins) : cash_(cash) {
        venue::ShareMarketSettings settings;
        settings.pace = venue::SharePace::manual;
        desk_ = std::make_unique<venue::ShareDesk>(
            venue::ShareMarket(settings, std::move(calendar), begins),
            venue::ShareKeeper{[](auto) {}, [](auto) {}, [](auto) {},
                               [this](const std::string&, const std::string& text) {
                                   log_.push_back(text);
                                   logged_at_.push_back(now_);
                               }});
        serve({});
    }
    static time::MarketCalendar calendar() {
        auto calendar = time::MarketCalendar::load(time::Market::nse_cash);
        REQUIRE(calendar.has_value());
        return std::move(*calendar);
    }

    venue::ShareDesk& desk() { return *desk_; }
    // What happened at the exchange, oldest first.
    [[nodiscard]] const std::vector<std::string>& log() const { return log_; }
    // When each of these lines was written.
    [[nodiscard]] const std::vector<MonoTime>& logged_at() const { return logged_at_; }

    // From now on it answers one question for prices a second, as brokers do. at() says how late it
    // is; prices_due() when the answer comes that is waited for.
    void limit_prices() { limits_prices_ = true; }
    void at(MonoTime now) { now_ = now; }
    [[nodiscard]] std::optional<MonoTime> prices_due() const {
        std::optional<MonoTime> due;
        for (const auto& [ticket, at] : due_) {
            if (at > now_ && (!due || at < *due))
                due = at;
        }
        return due;
    }

    void price(const std::string& symbol, std::int64_t paise,
               std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
        REQUIRE(desk_->set_price(symbol, {paise}, most).has_value());
    }
    [[nodiscard]] const matching::ShareBook& book() const { return *desk_->find(k_account); }
    ipc::ShareReply serve(const ipc::ShareRequest& request) {
        return desk_->serve(k_account, cash_, request).front();
    }

    // At the word of this number, counted from 1 over all words.
    void plan(std::size_t word, Mishap mishap) {
        at_ = word;
        mishap_ = mishap;
    }
    [[nodiscard]] std::size_t words() const { return words_; }
    // Is called before each word of the job.
    void before_each_word(std::function<void()> look) { look_ = std::move(look); }
    // What becomes of each word of the job, beside what is planned. It may change the word, to
    // plant a defect of whoever says it.
    using Fate = std::function<Mishap(ipc::ShareRequest&)>;
    void decide_each_word(Fate fate) { fate_ = std::move(fate); }
    // Changes what the job is told, to plant a defect of whoever reads it.
    using Lie = std::function<void(const ipc::ShareRequest&, broker::ShareAnswer&)>;
    void lie(Lie lie) { lie_ = std::move(lie); }
    // How many words later what is late is obeyed.
    void late_by(std::size_t words) { late_by_ = words; }
    // Every stop is refused.
    void refuse_stops(bool refuses = true) { refuses_stops_ = refuses; }

    [[nodiscard]] bool connected() const override { return true; }
    broker::Ticket ask_account(Instant) override { return ask(ipc::ShareCommand::account); }
    broker::Ticket ask_orders(Instant) override { return ask(ipc::ShareCommand::orders); }
    broker::Ticket ask_triggers(Instant) override { return ask(ipc::ShareCommand::triggers); }
    broker::Ticket ask_quotes(std::vector<std::string> symbols, Instant now) override {
        ipc::ShareRequest request;
        request.command = ipc::ShareCommand::quotes;
        request.symbols = std::move(symbols);
        const auto ticket = ask(request);
        if (limits_prices_) {
            prices_at_ = std::max(now.mono, prices_at_ + std::chrono::seconds(1));
            due_[ticket] = prices_at_;
        }
        return ticket;
    }
    std::optional<broker::ShareAnswer> take(broker::Ticket ticket) override {
        const auto found = answers_.find(ticket);
        const auto due = due_.find(ticket);
        if (found == answers_.end() || (due != due_.end() && due->second > now_))
            return std::nullopt;
        due_.erase(ticket);
        auto answer = std::move(found->second);
        answers_.erase(found);
        return answer;
    }
    broker::Ticket buy(const broker::ShareOrderTerms& terms, Instant) override {
        return ask(order(terms, model::Side::buy));
    }
    broker::Ticket cancel(std::uint64_t number, Instant) override {
        return ask(ipc::ShareCommand::cancel, number);
    }
    broker::Ticket place_stop(const std::string& symbol, const matching::TriggerLeg& leg,
                              model::Price last_price, Instant) override {
        ipc::ShareRequest request;
        request.command = ipc::ShareCommand::place_trigger;
        request.symbol = symbol;
        request.side = model::Side::sell;
        request.first = leg;
        request.last_price = last_price;
        return ask(request);
    }
    broker::Ticket delete_stop(std::uint64_t number, Instant) override {
        return ask(ipc::ShareCommand::delete_trigger, number);
    }
    broker::Ticket close(const broker::ShareOrderTerms& terms, Instant) override {
        return ask(order(terms, model::Side::sell));
    }

  private:
    static ipc::ShareRequest order(const broker::ShareOrderTerms& terms, model::Side side) {
        ipc::ShareRequest request;
        request.command = ipc::ShareCommand::submit;
        request.client = terms.client;
        request.symbol = terms.symbol;
        request.side = side;
        request.market = terms.limit.ticks == 0;
        request.limit = terms.limit;
        request.protection_percent = terms.protection_percent;
        request.quantity = terms.quantity;
        request.immediate = side == model::Side::sell;
        return request;
    }
    broker::Ticket ask(ipc::ShareCommand command, std::uint64_t number = 0) {
        ipc::ShareRequest request;
        request.command = command;
        request.number = number;
        return ask(request);
    }
    broker::Ticket ask(ipc::ShareRequest request) {
        if (look_)
            look_();
        auto mishap = ++words_ == at_ ? mishap_ : Mishap::none;
        if (fate_ && mishap == Mishap::none)
            mishap = fate_(request);
        obey_late();
        if (mishap == Mishap::dies_before)
            throw Death{};
        broker::ShareAnswer answer;
        const bool refused =
            mishap == Mishap::refused ||
            (refuses_stops_ && request.command == ipc::ShareCommand::place_trigger);
        if (refused) {
            answer = {broker::Outcome::rejected, {}, "by_rule"};
        } else if (mishap == Mishap::lost_late) {
            late_.push_back({words_ + late_by_, desk_->market().day(), request});
        } else if (mishap != Mishap::lost_unheard) {
            answer.reply = whole(desk_->serve(k_account, cash_, request));
            answer.text = answer.reply.refusal;
            answer.outcome =
                answer.text.empty() ? broker::Outcome::accepted : broker::Outcome::rejected;
        }
        if (mishap == Mishap::dies_after)
            throw Death{};
        if (mishap == Mishap::lost_obeyed || mishap == Mishap::lost_unheard ||
            mishap == Mishap::lost_late)
            answer = {broker::Outcome::unknown, {}, "no answer in time"};
        if (lie_)
            lie_(request, answer);
        answers_[++last_] = std::move(answer);
        return last_;
    }

    void obey_late() {
        std::vector<Late> still;
        for (auto& late : std::exchange(late_, {})) {
            if (late.word > words_)
                still.push_back(std::move(late));
            else if (late.day == desk_->market().day())
                serve(late.request);
        }
        late_ = std::move(still);
    }

    static ipc::ShareReply whole(std::vector<ipc::ShareReply> pages) {
        auto all = std::move(pages.front());
        for (std::size_t i = 1; i < pages.size(); ++i) {
            const auto add = [&](auto member) {
                auto& to = all.*member;
                to.insert(to.end(), (pages[i].*member).begin(), (pages[i].*member).end());
            };
            add(&ipc::ShareReply::held);
            add(&ipc::ShareReply::orders);
            add(&ipc::ShareReply::triggers);
            add(&ipc::ShareReply::quotes);
        }
        all.more = false;
        return all;
    }

    struct Late {
        std::size_t word = 0;
        time::TradingDay day{};
        ipc::ShareRequest request;
    };

    model::Money cash_;
    std::unique_ptr<venue::ShareDesk> desk_;
    std::vector<Late> late_;
    std::size_t late_by_ = 4;
    std::map<broker::Ticket, broker::ShareAnswer> answers_;
    broker::Ticket last_ = 0;
    std::size_t words_ = 0;
    std::size_t at_ = 0;
    Mishap mishap_ = Mishap::none;
    std::function<void()> look_;
    Fate fate_;
    Lie lie_;
    bool refuses_stops_ = false;
    std::vector<std::string> log_;
    std::vector<MonoTime> logged_at_;
    MonoTime now_{};
    bool limits_prices_ = false;
    MonoTime prices_at_{};  // of the last answer
    std::map<broker::Ticket, MonoTime> due_;
};

}  // namespace bullpen::test
