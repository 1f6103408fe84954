// SharePort: the paper exchange as a broker of shares, over the account's session with it. It gives
// the parts of shares.hpp, keeps to the broker's limits of orders, and sends nothing that the
// account's mode forbids. Prices are asked for once a second at most: such a question waits.
//
// fd() stays the same through all connections. One thread; no clock.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "worker/broker/share_budget.hpp"
#include "worker/broker/shares.hpp"
#include "worker/broker/venue_port.hpp"

namespace bullpen::broker {

// What may be sent.
enum class SharePermit : std::uint8_t {
    nothing,
    exits,  // what protects and closes
    all,
};

class SharePort final : public ShareReader, public ShareBuyer, public ShareProtector {
  public:
    // Errors of VenuePort::make().
    static Result<std::unique_ptr<SharePort>> make(VenuePortSettings settings);

    [[nodiscard]] int fd() const { return port_->fd(); }
    void connect(Instant now) { port_->connect(now); }
    // Takes what came, and says when to call again at the latest.
    std::optional<MonoTime> poll(Instant now);
    // Whether anything came since this was asked last.
    [[nodiscard]] bool take_news() { return std::exchange(news_, false); }
    // Why there is no connection.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }
    void permit(SharePermit permit) { permit_ = permit; }
    [[nodiscard]] SharePermit permitted() const { return permit_; }

    // Orders are counted on from here: by the market's day, and kept before each is sent. When they
    // cannot be kept, nothing is sent but exits.
    struct Counting {
        std::function<std::chrono::sys_days(UtcTime)> day_of;
        std::function<Result<void>(const ShareBudget::Kept&)> keep;
    };
    void count(const ShareBudget::Kept& kept, Counting counting, Instant now);
    [[nodiscard]] ShareBudget::Kept counted() const { return budget_.kept(); }
    // Orders that the broker refused because they came too fast.
    [[nodiscard]] std::size_t too_fast() const { return too_fast_; }
    // The last order that had no room, until one has; none: there was room.
    struct Denied {
        UtcTime at{};
        std::string text;
    };
    [[nodiscard]] const std::optional<Denied>& denied() const { return denied_; }
    // When a question for prices that waits may be sent; none waits.
    [[nodiscard]] std::optional<MonoTime> prices_due() const;

    // By when what was sent has its answer or is given up; none when no answer is awaited.
    [[nodiscard]] std::optional<MonoTime> answer_due() const { return port_->answer_due(); }

    // Of the market; none before it was told.
    [[nodiscard]] std::optional<UtcTime> market_time() const { return market_time_; }

    [[nodiscard]] bool connected() const override { return port_->connected(); }
    Ticket ask_account(Instant now) override;
    Ticket ask_orders(Instant now) override;
    Ticket ask_triggers(Instant now) override;
    Ticket ask_quotes(std::vector<std::string> symbols, Instant now) override;
    std::optional<ShareAnswer> take(Ticket ticket) override;
    Ticket buy(const ShareOrderTerms& terms, Instant now) override;
    Ticket cancel(std::uint64_t order, Instant now) override;
    Ticket place_stop(const std::string& symbol, const matching::TriggerLeg& leg,
                      model::Price last_price, Instant now) override;
    Ticket delete_stop(std::uint64_t trigger, Instant now) override;
    Ticket close(const ShareOrderTerms& terms, Instant now) override;

  private:
    // A broker's limit.
    static constexpr Nanos k_prices_every = std::chrono::seconds(1);
    // Answers that nobody takes do not grow without end.
    static constexpr std::size_t k_answers_max = 1000;

    explicit SharePort(std::unique_ptr<VenuePort> port) : port_(std::move(port)) {}
    Ticket ask(const ipc::ShareRequest& request, Instant now);
    Ticket order(const ipc::ShareRequest& request, ShareBudget::Lane lane, Instant now);
    std::string refusal_of(ShareBudget::Lane lane, Instant now);
    void send_prices(Instant now);
    void take_answer(std::uint64_t number, ShareAnswer answer);

    std::unique_ptr<VenuePort> port_;
    SharePermit permit_ = SharePermit::nothing;
    ShareBudget budget_;
    Counting counting_;
    std::size_t too_fast_ = 0;
    std::optional<Denied> denied_;
    std::deque<std::pair<Ticket, ipc::ShareRequest>> prices_;  // that wait
    std::optional<MonoTime> prices_asked_;
    // More than one of a ticket: pages of prices.
    std::map<Ticket, std::deque<ShareAnswer>> answers_;
    // Tickets are given out here, so that what is refused at once has one, too.
    std::map<std::uint64_t, Ticket> asked_;  // by the port's number
    Ticket last_ticket_ = 0;
    std::optional<UtcTime> market_time_;
    std::string trouble_;
    bool news_ = false;
};

}  // namespace bullpen::broker
