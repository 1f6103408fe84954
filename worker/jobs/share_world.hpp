// ShareWorld: an account of shares as its broker has it, looked at once: whole, or not at all. What
// a job does next follows from it and from the account's records alone, so that a job which was
// killed goes on from the next look. Pure but for ShareLook.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "worker/broker/shares.hpp"
#include "worker/jobs/stop_plan.hpp"

namespace bullpen::jobs {

struct ShareWorld {
    UtcTime at{};  // by the market
    bool open = false;
    model::Money available{0, model::k_inr};
    std::map<std::string, ipc::ShareHeld> held;
    std::vector<ipc::ShareOrderTold> orders;
    std::vector<ipc::ShareTriggerTold> triggers;
    std::map<std::string, ipc::ShareQuoteTold> quotes;
    MonoTime quotes_asked{};
    // Shares whose price is far off the one before, and needs a second look: see SecondLook.
    std::set<std::string> doubted;
    // The triggers are in the order of their symbols, as a look leaves them: those of one are found
    // without reading all.
    bool triggers_sorted = false;

    // Null when the broker has none.
    [[nodiscard]] const ipc::ShareOrderTold* find(const model::ClientOrderId& client) const;
    // Of a share, for delivery: what a stop may sell without selling anything twice.
    [[nodiscard]] std::int64_t sellable(const std::string& symbol) const;
    // Those of a share, and others beside them where they are not sorted.
    [[nodiscard]] std::span<const ipc::ShareTriggerTold> triggers_near(
        const std::string& symbol) const;
    // Triggers with one leg that sell; those with two are a person's.
    [[nodiscard]] std::vector<SellTrigger> stops(const std::string& symbol) const;
};

// One with a single leg above the price that it was placed at takes a profit, and is no stop.
bool stops_a_fall(const ipc::ShareTriggerTold& trigger);

// Asks for all of it, one question after the other: orders first, so that what fills meanwhile is
// in the holdings. Brokers answer one question for prices a second: those of a moment ago are good
// for the next look at everything, unless something was bought or sold since. Where new prices show
// that one fell to a stop that stood when the account was asked, all but the prices is asked for
// again: what the stop has sold meanwhile is not there to be sold once more.
class ShareLook {
  public:
    enum class State {
        waiting,
        all_but_prices,  // once in a look, where that was asked for; look() goes on to the prices
        known,
        unknown,
    };

    // Is called with the prices of each page as it comes, before the rest of the answer is there.
    using Prices = std::function<void(const ipc::ShareReply&)>;

    ShareLook(broker::ShareReader& reader, Prices prices)
        : reader_(reader), prices_(std::move(prices)) {}

    [[nodiscard]] bool under_way() const { return under_way_; }
    // `symbols`: whose prices are wanted beside those of what is held. `before`: the world of the
    // look before this one.
    // `stops_early`: before new prices are asked for it says so.
    void begin(std::set<std::string> symbols, ShareWorld before, bool stops_early, Instant now);
    // Asks for prices alone; the rest stays as `world` has it.
    void begin_prices(ShareWorld world, Instant now);
    State look(Instant now);
    // After `all_but_prices`: the world with the prices of the look before.
    [[nodiscard]] ShareWorld with_old_prices() const;
    // The look is given up; the world of the look before this one.
    [[nodiscard]] ShareWorld give_up();
    // When the prices that come now were asked for.
    [[nodiscard]] MonoTime asked() const { return asked_; }
    // After `known`; after `unknown` what was known before, of a look for prices.
    [[nodiscard]] ShareWorld take() { return std::move(world_); }
    // After `unknown`: what the broker did not say, and why.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    enum class Stage { first, early, quotes, again };
    void ask_account(Instant now);
    void ask_quotes(Instant now);
    [[nodiscard]] bool fell_to_a_stop() const;
    bool has_quotes(Instant now);
    bool keep(ipc::ShareReply&& reply);
    void keep_prices();

    broker::ShareReader& reader_;
    Prices prices_;
    std::set<std::string> symbols_;
    std::vector<broker::Ticket> tickets_;
    Stage stage_ = Stage::first;
    bool under_way_ = false;
    bool stops_early_ = false;
    bool whole_ = false;       // not the prices alone
    bool new_prices_ = false;  // those of this look were asked for in it
    ShareWorld world_;
    ShareWorld before_;
    // Prices that have come, and are not the world's yet: nothing is decided by that before all are
    // there.
    std::vector<std::vector<ipc::ShareQuoteTold>> pages_;
    // What the newest prices were asked for; the prices themselves are in the world.
    struct Quoted {
        std::set<std::string> symbols;
        MonoTime asked{};
        UtcTime at{};  // by the market
    };
    std::optional<Quoted> quoted_;
    MonoTime asked_{};
    std::string trouble_;
};

}  // namespace bullpen::jobs
