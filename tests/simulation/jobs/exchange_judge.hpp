// What an account of shares did, by the exchange's own log alone: nothing sold that was not there,
// nothing bought twice on a day, nothing of a person's touched, no instant in which a share that
// had a stop was left without one, nothing that jobs bought without a stop for longer than is
// allowed, and cash to the paisa.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"

namespace bullpen::test {

class ExchangeJudge {
  public:
    // A person placed these in another program, and a person alone may end them.
    void by_hand_order(std::uint64_t order) { hand_orders_.insert(order); }
    void by_hand_trigger(std::uint64_t trigger) { hand_triggers_.insert(trigger); }
    // What is ended from now on is ended by a person.
    void hand_acts(bool acts) { hand_acts_ = acts; }

    void new_day() { bought_today_.clear(); }
    // `at`: when the exchange wrote it.
    void read(const std::string& line, MonoTime at) {
        read(line);
        for (const auto& [symbol, quantity] : own_) {
            if (bare(symbol) == 0) {
                if (const auto since = filled_.find(symbol); since != filled_.end()) {
                    longest_after_fill_ = std::max(longest_after_fill_, at - since->second);
                    filled_.erase(since);
                }
            } else if (just_bought_ == symbol) {
                filled_.try_emplace(symbol, at);
            }
        }
        just_bought_.clear();
    }
    void read(const std::string& line) {
        std::istringstream in(line);
        std::string what;
        in >> what;
        if (what == "filled")
            filled(in);
        else if (what.starts_with("trigger_"))
            trigger(what, in, line);
        else
            order(what, in, line);
    }

    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
    // In paise: what purchases cost, less what sales brought.
    [[nodiscard]] std::int64_t spent() const { return spent_; }
    [[nodiscard]] std::int64_t held(const std::string& symbol) const {
        const auto found = held_.find(symbol);
        return found == held_.end() ? 0 : found->second;
    }
    // How many active stops a share has.
    [[nodiscard]] std::size_t stops(const std::string& symbol) const {
        const auto found = stops_.find(symbol);
        return found == stops_.end() ? 0 : found->second.size();
    }
    // What the stops would sell: all of them, or, where that is more than is held, the largest. One
    // of more than is held is refused when it fires, and protects nothing.
    [[nodiscard]] std::int64_t covered(const std::string& symbol) const {
        std::int64_t most = 0;
        std::int64_t all = 0;
        if (const auto found = stops_.find(symbol); found != stops_.end()) {
            for (const auto& [number, quantity] : found->second) {
                all += quantity;
                most = std::max(most, quantity <= held(symbol) ? quantity : 0);
            }
        }
        return all <= held(symbol) ? all : most;
    }
    // What jobs bought, as far as nothing would sell it: neither a stop, nor a sale that works and
    // whose limit the price has reached. What a person has for sale is promised: no stop can be
    // for it.
    [[nodiscard]] std::int64_t bare(const std::string& symbol) const {
        const auto own = own_.find(symbol);
        if (own == own_.end())
            return 0;
        auto sold = covered(symbol);
        const auto last = prices_.find(symbol);
        for (const auto& [number, sale] : sales_) {
            const bool reached = last == prices_.end() || sale.limit <= last->second;
            if (sale.symbol == symbol && (reached || sale.by_hand))
                sold += sale.quantity;
        }
        return std::max<std::int64_t>(0, std::min(own->second, held(symbol)) - sold);
    }
    // The last price, in paise.
    void price(const std::string& symbol, std::int64_t paise) { prices_[symbol] = paise; }
    // A look at all shares, in time that the market was open for. What was bare for longer than
    // `allowed` is a fault, each time once.
    void look(Nanos opened, Nanos allowed) {
        for (const auto& [symbol, quantity] : own_) {
            if (bare(symbol) == 0) {
                bare_since_.erase(symbol);
                continue;
            }
            const auto begun = bare_since_.try_emplace(symbol, Bare{opened, false}).first;
            auto& [since, told] = begun->second;
            longest_bare_ = std::max(longest_bare_, opened - since);
            if (opened - since > allowed && !std::exchange(told, true))
                fault("bought and without a stop for too long",
                      symbol + " " + std::to_string(bare(symbol)));
        }
    }
    // What happened excuses that a share is not covered yet: its time begins anew.
    void excuse(const std::string& symbol) {
        bare_since_.erase(symbol);
        filled_.erase(symbol);
    }
    void excuse_all() {
        bare_since_.clear();
        filled_.clear();
    }
    [[nodiscard]] Nanos longest_bare() const { return longest_bare_; }
    // From a job's purchase that filled until the exchange had a stop for it, by the times of its
    // log, where nothing excused that it took longer.
    [[nodiscard]] Nanos longest_after_fill() const { return longest_after_fill_; }
    // Of them a person's.
    [[nodiscard]] std::size_t hand_stops(const std::string& symbol) const {
        const auto found = stops_.find(symbol);
        if (found == stops_.end())
            return 0;
        return static_cast<std::size_t>(
            std::count_if(found->second.begin(), found->second.end(),
                          [&](const auto& stop) { return hand_triggers_.contains(stop.first); }));
    }
    struct Counts {
        int orders = 0;
        int fills = 0;
        int partial = 0;
        int rejected = 0;
        int stops = 0;
        int fired = 0;
    };
    [[nodiscard]] const Counts& counts() const { return counts_; }
    // Whether an order filled in parts, or only in part.
    [[nodiscard]] bool filled_in_parts(std::uint64_t order) const {
        return in_parts_.contains(order);
    }

  private:
    void fault(const std::string& what, const std::string& line) {
        faults_.push_back(what + ": " + line);
    }
    void filled(std::istringstream& in) {
        std::string side;
        std::string symbol;
        std::string word;
        std::int64_t quantity = 0;
        std::int64_t price = 0;
        std::uint64_t number = 0;
        std::uint64_t order = 0;
        in >> number >> side >> quantity >> symbol >> word >> price >> word >> order;
        const std::int64_t sign = side == "buy" ? 1 : -1;
        held_[symbol] += sign * quantity;
        spent_ += sign * quantity * price;
        ++counts_.fills;
        count_own(side == "buy", hand_orders_.contains(order), symbol, quantity);
        if (const auto sale = sales_.find(order); sale != sales_.end()) {
            sale->second.quantity -= quantity;
            if (sale->second.quantity <= 0)
                sales_.erase(sale);
        }
        if (quantity < sizes_[order]) {
            ++counts_.partial;
            in_parts_.insert(order);
        }
        if (held_[symbol] < 0)
            fault("sold what is not held", symbol);
    }
    // What a person sells is of what jobs bought, as far as there is any.
    void count_own(bool buys, bool by_hand, const std::string& symbol, std::int64_t quantity) {
        if (buys && !by_hand) {
            own_[symbol] += quantity;
            just_bought_ = symbol;
        } else if (!buys && own_.contains(symbol)) {
            own_[symbol] = std::max<std::int64_t>(0, own_[symbol] - quantity);
        }
    }
    void order(const std::string& what, std::istringstream& in, const std::string& line) {
        std::string word;
        std::string side;
        std::string symbol;
        std::int64_t quantity = 0;
        std::int64_t limit = 0;
        std::uint64_t number = 0;
        in >> word >> number >> side >> quantity >> symbol >> word >> limit;
        // The order of a trigger is the next line after it.
        const bool by_hand =
            std::exchange(hand_fired_, false) || hand_acts_ || hand_orders_.contains(number);
        if (what == "rejected")
            ++counts_.rejected;
        if (what == "cancelled" && hand_orders_.contains(number) && !hand_acts_)
            fault("a person's order was cancelled", line);
        if (what != "accepted") {
            sales_.erase(number);
            return;
        }
        if (side == "sell")
            sales_[number] = {symbol, quantity, limit, by_hand};
        sizes_[number] = quantity;
        ++counts_.orders;
        if (side == "buy" && !by_hand && !bought_today_.insert(symbol).second)
            fault("bought twice on a day", line);
    }
    void trigger(const std::string& what, std::istringstream& in, const std::string& line) {
        std::string word;
        std::string symbol;
        std::int64_t level = 0;
        std::int64_t quantity = 0;
        std::uint64_t number = 0;
        in >> word >> number >> symbol >> word >> level >> word >> quantity;
        if (what == "trigger_placed") {
            ++counts_.stops;
            stops_[symbol][number] = quantity;
            return;
        }
        stops_[symbol].erase(number);
        counts_.fired += what == "trigger_fired" ? 1 : 0;
        hand_fired_ = what == "trigger_fired" && hand_triggers_.contains(number);
        if (what != "trigger_deleted" || hand_acts_)
            return;
        if (hand_triggers_.contains(number))
            fault("a person's stop was deleted", line);
        if (stops_[symbol].empty() && held_[symbol] > 0)
            fault("left without a stop", line);
    }

    std::set<std::uint64_t> in_parts_;  // orders
    std::set<std::uint64_t> hand_orders_;
    std::set<std::uint64_t> hand_triggers_;
    bool hand_acts_ = false;
    bool hand_fired_ = false;  // a person's trigger, just now
    std::map<std::string, std::int64_t> held_;
    std::map<std::string, std::map<std::uint64_t, std::int64_t>> stops_;  // and their quantities
    struct Sale {
        std::string symbol;
        std::int64_t quantity = 0;  // that is not sold yet
        std::int64_t limit = 0;
        bool by_hand = false;
    };
    std::map<std::uint64_t, Sale> sales_;      // that work
    std::map<std::string, std::int64_t> own_;  // that jobs bought
    std::map<std::string, std::int64_t> prices_;
    struct Bare {
        Nanos since{};
        bool told = false;
    };
    std::map<std::string, Bare> bare_since_;
    Nanos longest_bare_{};
    std::string just_bought_;                 // by a job, with this line
    std::map<std::string, MonoTime> filled_;  // and bare since
    Nanos longest_after_fill_{};
    std::map<std::uint64_t, std::int64_t> sizes_;
    std::set<std::string> bought_today_;
    std::int64_t spent_ = 0;
    std::vector<std::string> faults_;
    Counts counts_;
};

}  // namespace bullpen::test
