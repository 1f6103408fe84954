#include "worker/execution/ledger.hpp"

#include <algorithm>
#include <cstdlib>

#include "common/base/assert.hpp"
#include "worker/execution/close_reason.hpp"
#include "worker/execution/planted.hpp"

namespace bullpen::execution {

namespace {

// FNV-1a (Fowler, Noll, Vo): only to find an id quickly; equality decides.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const char c : text)
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 1'099'511'628'211U;
    return hash;
}

// Nothing has no currency.
void add(model::Money& to, model::Money amount) {
    if (amount.millionths != 0)
        to = to.millionths == 0 ? amount : to + amount;
}

}  // namespace

// One execution, or what stands for one, on its way into a line.
struct Ledger::Movement {
    model::Side side{};
    std::int64_t quantity = 0;
    model::Price price;
    UtcTime time{};
    model::Money fee;
    bool adopted = false;
    const FillContext& context;
    std::int64_t slippage_ticks = 0;
};

Ledger::Ledger(std::span<const model::Instrument* const> instruments) {
    lines_.reserve(instruments.size() + 4);
    for (const model::Instrument* instrument : instruments) {
        lines_.push_back({model::Symbol::cut(instrument->symbol), instrument, {}, {}});
        totals_.gross.currency = totals_.fees.currency = instrument->tick_value.currency;
    }
}

const Line* Ledger::find(const model::Symbol& symbol) const {
    for (const Line& line : lines_) {
        if (line.symbol == symbol)
            return &line;
    }
    return nullptr;
}

Line& Ledger::line(const model::Symbol& symbol) {
    for (Line& line : lines_) {
        if (line.symbol == symbol)
            return line;
    }
    const auto known = model::find_instrument(symbol.view());
    lines_.push_back({symbol, known ? *known : nullptr, {}, {}});
    return lines_.back();
}

void Ledger::take_instruments(const Ledger& configured) {
    for (Line& line : lines_) {
        const Line* known = configured.find(line.symbol);
        const auto listed = model::find_instrument(line.symbol.view());
        line.instrument = known != nullptr && known->instrument != nullptr ? known->instrument
                          : listed                                         ? *listed
                                                                           : nullptr;
    }
    for (const Line& line : configured.lines_) {
        if (find(line.symbol) == nullptr)
            lines_.push_back({line.symbol, line.instrument, {}, {}});
    }
}

bool Ledger::sound() const {
    return executions_.size() <= k_executions_kept &&
           (oldest_ == 0 ||
            (oldest_ < k_executions_kept && executions_.size() == k_executions_kept));
}

void Ledger::count_hashes() {
    hash_counts_ = {};
    for (const std::uint64_t hash : hashes_)
        hash_counts_.add(hash);
}

bool Ledger::remembers(const model::ExecutionId& id) const {
    const std::uint64_t hash = hash_of(id.view());
    if (!hash_counts_.has(hash)) [[likely]]
        return false;
    for (auto at = hashes_.begin();; ++at) {
        at = std::find(at, hashes_.end(), hash);
        if (at == hashes_.end())
            return false;
        if (executions_[static_cast<std::size_t>(at - hashes_.begin())].id == id)
            return true;
    }
}

void Ledger::remember(const model::ExecutionId& id, UtcTime time) {
    const Execution made{id, time};
    const std::uint64_t hash = hash_of(id.view());
    if (executions_.size() < k_executions_kept) {
        executions_.push_back(made);
        hashes_.push_back(hash);
        hash_counts_.add(hash);
        return;
    }
    horizon_ = std::max(horizon_, executions_[oldest_].time);
    hash_counts_.remove(hashes_[oldest_]);
    hash_counts_.add(hash);
    executions_[oldest_] = made;
    hashes_[oldest_] = hash;
    oldest_ = (oldest_ + 1) % k_executions_kept;
}

Taking Ledger::taking(const model::Fill& fill) const {
    if (!planted(Defect::fill_counted_twice) && remembers(fill.execution))
        return Taking::duplicate;
    if (horizon_ != UtcTime{} && fill.time <= horizon_)
        return Taking::too_old;
    return Taking::applied;
}

void Ledger::post_to_trade(Line& line, const Movement& movement) {
    OpenTrade& trade = line.trade;
    const auto currency =
        line.instrument != nullptr ? line.instrument->tick_value.currency : model::k_usd;
    const FillContext& context = movement.context;
    const bool enters = context.known && context.purpose == model::Purpose::entry;
    if (!trade.open) {
        trade = {};
        trade.open = true;
        trade.side = context.known && !enters ? opposite(movement.side) : movement.side;
        trade.opened = trade.latest = movement.time;
        trade.fees = {0, currency};
    }
    if (enters && trade.entry.strategy.empty())
        trade.entry = context.key;
    if (enters && context.protect && !trade.protected_) {
        trade.initial_stop = context.stop;
        trade.protected_ = true;
    }
    trade.opened = trade.undated() ? movement.time : std::min(trade.opened, movement.time);
    const std::int64_t ticks = movement.quantity * movement.price.ticks;
    if (movement.side == trade.side) {
        trade.in_quantity += movement.quantity;
        trade.in_ticks += ticks;
    } else {
        trade.out_quantity += movement.quantity;
        trade.out_ticks += ticks;
        if (movement.time >= trade.latest) {
            trade.closed_by = context.known ? context.purpose : model::Purpose::exit;
            trade.why = context.why;
        }
    }
    trade.latest = std::max(trade.latest, movement.time);
    add(trade.fees, movement.fee);
    trade.slippage_ticks += movement.slippage_ticks;
    trade.adopted = trade.adopted || movement.adopted;
}

std::optional<Trade> Ledger::close(Line& line) {
    OpenTrade& open = line.trade;
    if (!open.open || open.in_quantity != open.out_quantity)
        return std::nullopt;
    Trade trade;
    trade.number = ++totals_.trades;
    trade.symbol = line.symbol;
    trade.side = open.side;
    trade.entry = open.entry;
    trade.opened = open.opened;
    trade.closed = open.latest;
    trade.quantity = open.in_quantity;
    trade.entry_ticks = open.in_ticks;
    trade.exit_ticks = open.out_ticks;
    trade.slippage_ticks = open.slippage_ticks;
    trade.fees = open.fees;
    trade.gross.currency = open.fees.currency;
    if (line.instrument != nullptr) {
        trade.gross =
            value_of_ticks(*line.instrument, sign(open.side) * (open.out_ticks - open.in_ticks));
    }
    trade.initial_stop = open.initial_stop;
    trade.protected_ = open.protected_;
    trade.adopted = open.adopted;
    trade.closed_by = open.closed_by;
    trade.why = open.why;
    open = {};
    return trade;
}

Posting Ledger::apply(const model::Fill& fill, const FillContext& context) {
    Posting posting;
    posting.taking = taking(fill);
    Line& line = this->line(fill.symbol);
    posting.before = posting.after = line.position;
    if (posting.taking != Taking::applied)
        return posting;
    remember(fill.execution, fill.time);
    const auto change = model::apply(line.position, fill.side, fill.quantity, fill.price);
    line.position = posting.after = change.after;
    posting.realised_ticks = change.realised_ticks;
    if (context.expected) {
        posting.slippage_ticks =
            sign(fill.side) * (fill.price - *context.expected).value * fill.quantity;
    }
    if (line.instrument != nullptr)
        add(totals_.gross, value_of_ticks(*line.instrument, change.realised_ticks));
    add(totals_.fees, fill.fee);
    totals_.slippage_ticks += posting.slippage_ticks;
    ++totals_.executions;
    post_to_trade(line, {fill.side, fill.quantity, fill.price, fill.time, fill.fee, false, context,
                         posting.slippage_ticks});
    posting.closed = close(line);
    return posting;
}

Posting Ledger::adopt(const Adopted& adopted) {
    Line& line = this->line(adopted.symbol);
    Posting posting;
    posting.before = posting.after = line.position;
    const std::int64_t difference = adopted.quantity - line.position.quantity;
    if (difference == 0 && line.undated())
        line.trade.opened = line.trade.latest = adopted.at;
    if (difference == 0 && line.unpriced()) {
        line.position.cost_ticks = adopted.quantity * adopted.price.ticks;
        line.trade.in_ticks = std::abs(line.position.cost_ticks);
        posting.after = line.position;
    }
    if (difference == 0)
        return posting;
    const auto side = difference > 0 ? model::Side::buy : model::Side::sell;
    const auto change = model::apply(line.position, side, std::abs(difference), adopted.price);
    line.position = posting.after = change.after;
    posting.realised_ticks = change.realised_ticks;
    if (line.instrument != nullptr)
        add(totals_.gross, value_of_ticks(*line.instrument, change.realised_ticks));
    FillContext context;
    context.why = label(CloseReason::closed_elsewhere);
    post_to_trade(line,
                  {side, std::abs(difference), adopted.price, adopted.at, {}, true, context, 0});
    posting.closed = close(line);
    return posting;
}

}  // namespace bullpen::execution
