#include "worker/report/compare.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "common/model/position.hpp"
#include "worker/report/exit_texts.hpp"
#include "worker/report/formats.hpp"

namespace bullpen::report {

namespace {

using execution::Trade;

constexpr std::array<std::string_view, static_cast<std::size_t>(Difference::count_)> k_codes = {
    "opened", "closed", "size", "entry", "exit", "fees", "reason"};

bool overlaps(const Trade& a, const Trade& b) {
    return a.symbol == b.symbol && a.side == b.side && a.opened <= b.closed && b.opened <= a.closed;
}

// The place of each left trade's partner, none where it has none; each right trade is used once.
std::vector<std::optional<std::size_t>> partners(const std::vector<Trade>& left,
                                                 const std::vector<Trade>& right) {
    using Key = std::tuple<std::string_view, model::Side, UtcTime>;
    std::map<Key, std::size_t> decided;
    for (std::size_t i = 0; i < right.size(); ++i) {
        if (!right[i].entry.strategy.empty())
            decided.try_emplace({right[i].symbol.view(), right[i].side, right[i].entry.signal_bar},
                                i);
    }
    std::vector<std::optional<std::size_t>> found(left.size());
    std::vector<bool> used(right.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (left[i].entry.strategy.empty())
            continue;
        const auto same =
            decided.find({left[i].symbol.view(), left[i].side, left[i].entry.signal_bar});
        if (same == decided.end() || used[same->second])
            continue;
        found[i] = same->second;
        used[same->second] = true;
    }
    // Both lists are in the order in which trades closed, so that a window that moves on is enough.
    std::size_t begin = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        while (begin < right.size() && right[begin].closed < left[i].opened)
            ++begin;
        for (std::size_t j = begin; !found[i] && j < right.size(); ++j) {
            if (right[j].opened > left[i].closed && right[j].closed > left[i].closed)
                break;
            if (!used[j] && overlaps(left[i], right[j])) {
                found[i] = j;
                used[j] = true;
            }
        }
    }
    return found;
}

// amount * times / of, towards zero; contracts are few, so that it fits.
model::Money part(model::Money amount, std::int64_t times, std::int64_t of) {
    __extension__ using Wide = __int128;
    amount.millionths =
        static_cast<std::int64_t>(static_cast<Wide>(amount.millionths) * times / of);
    return amount;
}

class Telling {
  public:
    Telling(const RunRecord& left, const RunRecord& right) : left_(left), right_(right) {}

    Pair pair(std::size_t left_place, std::size_t right_place) {
        const auto& l = left_.trades[left_place];
        const auto& r = right_.trades[right_place];
        const model::Money zero{0, l.gross.currency};
        Pair made{left_place, right_place, {}, l.net() - r.net(), {}};
        const auto tell = [&](Difference what, std::string a, std::string b, model::Money amount) {
            made.differing.push_back({what, std::move(a), std::move(b), amount});
        };
        if (l.opened != r.opened)
            tell(Difference::opened, format_utc(l.opened), format_utc(r.opened), zero);
        if (l.closed != r.closed)
            tell(Difference::closed, format_utc(l.closed), format_utc(r.closed), zero);
        const auto [size, entry, exit] = causes(l, r);
        if (l.quantity != r.quantity)
            tell(Difference::size, std::to_string(l.quantity), std::to_string(r.quantity), size);
        price(made, Difference::entry, l, r, l.entry_ticks, r.entry_ticks, entry);
        price(made, Difference::exit, l, r, l.exit_ticks, r.exit_ticks, exit);
        if (l.fees != r.fees)
            tell(Difference::fees, model::text(l.fees), model::text(r.fees), r.fees - l.fees);
        if (exit_reason(l) != exit_reason(r))
            tell(Difference::reason, exit_reason(l), exit_reason(r), zero);
        return made;
    }

  private:
    struct Causes {
        model::Money size;
        model::Money entry;
        model::Money exit;
    };
    // What size, entry and exit have to do with the difference of the two grosses. The exit has
    // what the others leave, so that the three add up to it.
    [[nodiscard]] Causes causes(const Trade& l, const Trade& r) const {
        const auto whole = l.gross - r.gross;
        const model::Money zero{0, whole.currency};
        const auto instrument = left_.instruments->find(l.symbol.view());
        if (!instrument || r.quantity <= 0 || l.quantity <= 0)
            return {zero, zero, whole};
        const auto size = part(r.gross, l.quantity - r.quantity, r.quantity);
        // The left's mean entry against the right's, for the left's contracts.
        const auto ticks =
            -model::sign(l.side) * (l.entry_ticks * r.quantity - r.entry_ticks * l.quantity);
        const auto entry = part(model::value_of_ticks(**instrument, ticks), 1, r.quantity);
        return {size, entry, whole - size - entry};
    }
    void price(Pair& pair, Difference what, const Trade& l, const Trade& r, std::int64_t left_ticks,
               std::int64_t right_ticks, model::Money amount) const {
        // Means are equal when their fractions are.
        if (left_ticks * r.quantity == right_ticks * l.quantity && amount.millionths == 0)
            return;
        pair.differing.push_back(
            {what, mean_price(*left_.instruments, l.symbol, left_ticks, l.quantity),
             mean_price(*right_.instruments, r.symbol, right_ticks, r.quantity), amount});
    }

    const RunRecord& left_;
    const RunRecord& right_;
};

// The code, and in brackets what it means.
std::string reason_text(const std::string& code) {
    const auto sentence = exit_sentence(code);
    return sentence.empty() ? code : (code + " (").append(sentence) + ")";
}

void count(Comparison& made, const Pair& pair) {
    ++(pair.differing.empty() ? made.equal : made.differing);
    for (const auto& differing : pair.differing) {
        auto* sum = differing.what == Difference::size    ? &made.by_size
                    : differing.what == Difference::entry ? &made.by_entry
                    : differing.what == Difference::exit  ? &made.by_exit
                    : differing.what == Difference::fees  ? &made.by_fees
                                                          : nullptr;
        if (sum != nullptr)
            *sum = *sum + differing.amount;
    }
}

}  // namespace

std::string_view code(Difference difference) {
    return k_codes.at(static_cast<std::size_t>(difference));
}

Comparison compare(const RunRecord& left, const RunRecord& right) {
    const model::Money zero{0, left.start.currency};
    Comparison made;
    for (auto* sum : {&made.left_net, &made.right_net, &made.by_size, &made.by_entry, &made.by_exit,
                      &made.by_fees, &made.by_left_only, &made.by_right_only})
        *sum = zero;
    Telling telling(left, right);
    std::vector<bool> used(right.trades.size());
    const auto found = partners(left.trades, right.trades);
    for (std::size_t i = 0; i < left.trades.size(); ++i) {
        const auto net = left.trades[i].net();
        made.left_net = made.left_net + net;
        if (found[i]) {
            used[*found[i]] = true;
            made.pairs.push_back(telling.pair(i, *found[i]));
            count(made, made.pairs.back());
        } else {
            made.pairs.push_back({i, std::nullopt, {}, net, {}});
            ++made.left_only;
            made.by_left_only = made.by_left_only + net;
        }
    }
    for (std::size_t i = 0; i < right.trades.size(); ++i) {
        const auto net = right.trades[i].net();
        made.right_net = made.right_net + net;
        if (used[i])
            continue;
        made.pairs.push_back({std::nullopt, i, {}, zero - net, {}});
        ++made.right_only;
        made.by_right_only = made.by_right_only - net;
    }
    const auto opened = [&](const Pair& pair) {
        return pair.left ? left.trades[*pair.left].opened : right.trades[*pair.right].opened;
    };
    std::ranges::stable_sort(made.pairs, {}, opened);
    return made;
}

std::string comparison_text(const Comparison& comparison, const RunRecord& left,
                            const RunRecord& right, std::string_view left_name,
                            std::string_view right_name) {
    const std::string l(left_name);
    const std::string r(right_name);
    std::string out;
    for (const auto& note : comparison.notes)
        out += note + "\n";
    if (!out.empty())
        out += "\n";
    const std::size_t noted = out.size();
    const auto head = [&](const Trade& trade) {
        return time_text(trade.opened) + "  " + trade.symbol.str() + " " +
               std::string(direction(trade)) + " " + std::to_string(trade.quantity);
    };
    for (const auto& pair : comparison.pairs) {
        if (pair.equal())
            continue;
        if (!pair.both()) {
            const auto& trade = pair.left ? left.trades[*pair.left] : right.trades[*pair.right];
            out += head(trade) + "  only in the " + (pair.left ? l : r) + ", closed " +
                   time_text(trade.closed) + " by " + reason_text(exit_reason(trade)) + ": " +
                   money_text(pair.amount) + (pair.note.empty() ? "" : "; " + pair.note) + "\n";
            continue;
        }
        out += head(left.trades[*pair.left]) + ": " + money_text(pair.amount) +
               (pair.note.empty() ? "" : "; " + pair.note) + "\n";
        for (const auto& one : pair.differing) {
            const bool reason = one.what == Difference::reason;
            out += "    " + std::string(code(one.what)) + ": " +
                   (reason ? reason_text(one.left) : one.left) + " in the " + l + ", " +
                   (reason ? reason_text(one.right) : one.right) + " in the " + r;
            if (one.amount.millionths != 0)
                out += ": " + money_text(one.amount);
            out += "\n";
        }
    }
    if (out.size() > noted)
        out += "\n";
    if (comparison.same()) {
        out += count_text(comparison.equal, "trade") + ", all equal\n";
    } else {
        out += std::to_string(comparison.equal) + " trades are equal, " +
               std::to_string(comparison.differing) + " differ, " +
               std::to_string(comparison.left_only) + " are only in the " + l + ", " +
               std::to_string(comparison.right_only) + " only in the " + r + "\n";
    }
    out += "net of the " + l + " " + money_text(comparison.left_net) + ", of the " + r + " " +
           money_text(comparison.right_net) + ", difference " + money_text(comparison.total()) +
           "\n";
    if (comparison.same())
        return out;
    for (const auto& [name, amount] :
         {std::pair<std::string, model::Money>{"size", comparison.by_size},
          {"entry prices", comparison.by_entry},
          {"exit prices", comparison.by_exit},
          {"fees", comparison.by_fees},
          {"only in the " + l, comparison.by_left_only},
          {"only in the " + r, comparison.by_right_only}})
        out += "  by " + name + ": " + money_text(amount) + "\n";
    return out;
}

}  // namespace bullpen::report
