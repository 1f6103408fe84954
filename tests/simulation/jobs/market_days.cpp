#include "market_days.hpp"

#include <algorithm>
#include <span>
#include <sstream>

namespace bullpen::test {

namespace {

using config::JobKind;
using model::Side;

constexpr auto k_minute = std::chrono::minutes(1);
// What a job bought may be without a stop for so long while the market is open, since it was bought
// or since what went wrong for it last: a stop that fired and sold nothing is covered by the second
// try at the latest.
// A whole minute of the market is the least that passes here.
constexpr Nanos k_cover_after = k_minute;
constexpr Nanos k_cover_again = std::chrono::minutes(5);
constexpr Nanos k_bare_max = std::chrono::minutes(7);
constexpr model::Money k_cash{2'000'000 * k_rupee, model::k_inr};
const std::string k_clock = "market of shares";

MonoTime mono_of(UtcTime at) {
    return MonoTime(at.time_since_epoch());
}

std::string day_text(time::TradingDay day) {
    return format_utc(UtcTime(day)).substr(0, 10);
}

time::MarketCalendar calendar_of(time::MarketHolidays holidays) {
    auto calendar = DeskBroker::calendar();
    calendar.set_holidays(std::move(holidays));
    return calendar;
}

}  // namespace

MarketDays::MarketDays(MarketDaysSettings settings)
    : settings_(std::move(settings)),
      random_(settings_.seed),
      broker_(k_cash, calendar_of(settings_.truth), settings_.from),
      known_(calendar_of(settings_.published)),
      calm_(settings_.calm) {
    paths_.directory = "/anna";
    paths_.inbox = "/anna/inbox";
    paths_.orders = "/anna/orders";
    for (const auto& path : {paths_.directory, paths_.inbox, paths_.orders})
        REQUIRE(files_.make_directories(path, 0700).has_value());
    facts_.account = DeskBroker::k_account;
    jobs_settings_.place_orders.positions_max = 6;
    if (settings_.defect != Defect::no_loss)
        facts_.loss = settings_.loss;
    REQUIRE(files_.make_directories("/candles", 0700).has_value());
    jobs_settings_.watch.rule = settings_.rule;
    jobs_settings_.watch.poll = k_minute;
    if (settings_.defect == Defect::believes)
        jobs_settings_.price_jump = 0;
    const std::array<std::pair<JobKind, std::string>, 4> plans{
        {{JobKind::place_orders_daily, settings_.placing},
         {JobKind::update_cnc_stoploss, "14:00,20:00 market days"},
         {JobKind::sync, "every 15 min in session"},
         {JobKind::hourly_candle_watchdog, "open"}}};
    for (std::size_t i = 0; i < plans.size(); ++i) {
        auto& slot = slots_.at(i);
        slot.kind = plans.at(i).first;
        slot.plan.clock = k_clock;
        slot.plan.key = plans.at(i).second;
        slot.plan.schedule = time::Schedule::parse(plans.at(i).second).value();
        slot.plan.late_max = std::chrono::hours(2);
        slot.plan.attempts = 5;
        slot.plan.retry_delay = k_minute;
    }
    auto& watch = slots_.back();
    watch.plan.late_max = std::chrono::hours(8);
    watch.plan.attempts = 100;
    watch.deadline = std::chrono::hours(12);
    broker_.limit_prices();
    broker_.decide_each_word([this](auto& request) { return fate(request); });
    broker_.lie([this](const auto& request, auto& answer) { plant(request, answer); });
    for (const auto* symbol : k_symbols) {
        const auto price = random_.between(50, 4000) * 100;
        broker_.price(symbol, price);
        highest_[symbol] = price;
        const auto range = price * random_.between(5, 30) / 1000;
        auto& candles = candles_[symbol];
        for (int back = 30; back > 0; --back) {
            candles.push_back(
                {std::chrono::floor<std::chrono::days>(settings_.from) - std::chrono::days(back),
                 price, price + range, price - range, price});
        }
    }
}

// What the day brings: some shares gap, some stand at their circuit all day.
void MarketDays::day_begins() {
    judge_.new_day();
    ++counts_.days;
    told_.clear();
    check_highs();
    count_parts();
    write_candles();
    const auto day = broker_.desk().market().day();
    const std::chrono::weekday weekday{day};
    const bool weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
    counts_.special_days += weekend ? 1 : 0;
    worth_before_ = -judge_.spent();
    for (const auto& [symbol, facts] : broker_.desk().market().shares())
        worth_before_ += judge_.held(symbol) * facts.close_before.ticks;
    late_buys_.clear();
    at_circuit_.clear();
    for (const auto* symbol : k_symbols) {
        if (rough(0.03))
            at_circuit_[symbol] = random_.chance(0.5) ? 1 : -1;
    }
    write_signals();
    if (broker_.desk().market().at() >= settings_.corrected)
        known_.set_holidays(settings_.truth);
}

void MarketDays::move_prices(bool opens) {
    const auto& market = broker_.desk().market();
    for (const auto* symbol : k_symbols) {
        const auto& facts = market.shares().at(symbol);
        const auto bounds = market.day_of(facts);
        const auto circuit = at_circuit_.find(symbol);
        auto price = facts.last.ticks;
        if (circuit != at_circuit_.end() && !random_.chance(0.02)) {
            price = circuit->second > 0 ? bounds.upper.ticks : bounds.lower.ticks;
        } else {
            // Hundredths of a percent: a gap of up to 9 %, else a step of up to 0.4 %.
            const std::int64_t size = opens && rough(0.3) ? 900 : calm_ ? 5 : 40;
            price += price * random_.between(-size, size) / 10'000;
        }
        price = std::clamp(price / 5 * 5, bounds.lower.ticks, bounds.upper.ticks);
        price = std::max<std::int64_t>(price, 5);
        // Often there are few on the other side, and where a price falls, fewer.
        const bool falls = price < facts.last.ticks;
        const auto most = calm_ ? std::numeric_limits<std::int64_t>::max()
                          : random_.chance(falls ? 0.6 : 0.3) ? random_.between(1, falls ? 8 : 40)
                                                              : random_.between(40, 4000);
        broker_.price(symbol, price, most);
        judge_.price(symbol, price);
        highest_[symbol] = std::max(highest_[symbol], price);
        // Nobody buys there, and no stop can be placed below it.
        if (price == bounds.lower.ticks)
            judge_.excuse(symbol);
        auto& candle = candles_[symbol].back();
        candle.high = std::max(candle.high, price);
        candle.low = std::min(candle.low, price);
        candle.close = price;
    }
}

// Those of the days before; today's is begun.
void MarketDays::write_candles() {
    const auto rupees = [](std::int64_t paise) {
        return std::to_string(paise / 100) + "." + std::to_string(100 + paise % 100).substr(1);
    };
    for (auto& [symbol, candles] : candles_) {
        std::string text = "date,open,high,low,close\n";
        for (const auto& one : candles) {
            text += day_text(one.day) + "," + rupees(one.open) + "," + rupees(one.high) + "," +
                    rupees(one.low) + "," + rupees(one.close) + "\n";
        }
        REQUIRE(storage::replace_file(files_, "/candles/" + symbol + "_day.csv", text).has_value());
        const auto last = broker_.desk().market().shares().at(symbol).last.ticks;
        candles.push_back({broker_.desk().market().day(), last, last, last, last});
    }
}

// Of the day before.
void MarketDays::count_parts() {
    for (const auto& [number, order] : broker_.book().orders()) {
        if (order.day <= counted_ || !judge_.filled_in_parts(number))
            continue;
        const bool buys = order.request.side == Side::buy;
        counts_.partial_entries += buys && !order.request.client.empty() ? 1 : 0;
        counts_.partial_sales += !buys && !order.request.client.empty() ? 1 : 0;
        counts_.partial_stops += order.trigger != 0 ? 1 : 0;
    }
    counted_ = broker_.desk().market().day() - std::chrono::days(1);
}

// In another program, in the same account.
std::int64_t MarketDays::sellable_of(const std::string& symbol) const {
    const auto& book = broker_.book();
    for (std::uint32_t i = 0; i < book.shares(); ++i) {
        if (book.symbol({i}) == symbol)
            return book.sellable({i});
    }
    return 0;
}

void MarketDays::person() {
    judge_.hand_acts(true);
    ipc::ShareRequest request;
    request.symbol = k_symbols.at(random_.below(k_symbols.size()));
    request.quantity = random_.between(1, 5);
    const auto& facts = broker_.desk().market().shares().at(request.symbol);
    if (random_.chance(0.3)) {
        request.command = ipc::ShareCommand::place_trigger;
        request.side = Side::sell;
        const auto at = facts.last.ticks * random_.between(70, 90) / 100 / 5 * 5;
        request.first = {{at}, {at * 95 / 100 / 5 * 5}, request.quantity};
        // Often at the very levels of a stop that the account has placed.
        for (const auto& [number, trigger] : broker_.book().triggers()) {
            if (trigger.status == matching::TriggerStatus::active && random_.chance(0.3) &&
                broker_.book().symbol(trigger.request.share) == request.symbol)
                request.first = trigger.request.first;
        }
        request.last_price = facts.last;
        if (const auto reply = broker_.serve(request); reply.refusal.empty())
            judge_.by_hand_trigger(reply.number);
    } else {
        request.command = ipc::ShareCommand::submit;
        request.side = random_.chance(0.6) ? Side::buy : Side::sell;
        request.limit = {facts.last.ticks * random_.between(97, 103) / 100 / 5 * 5};
        // Often a large part of what jobs bought.
        const auto sellable = sellable_of(request.symbol);
        if (request.side == Side::sell && sellable > 0 && random_.chance(0.4))
            request.quantity = random_.between(1, sellable);
        judge_.by_hand_order(broker_.serve(request).number);
    }
    read_log();
    judge_.hand_acts(false);
}

void MarketDays::write_signals() {
    std::string text = "Ticker,Entry_Price,Stop_Loss,Target1\n";
    const auto rupees = [](std::int64_t paise) {
        const auto part = std::to_string(paise % 100);
        return std::to_string(paise / 100) + "." + (part.size() < 2 ? "0" : "") + part;
    };
    for (const auto* symbol : k_symbols) {
        if (!random_.chance(0.4))
            continue;
        const auto last = broker_.desk().market().shares().at(symbol).last.ticks;
        text += std::string(symbol) + "," + rupees(last) + "," +
                rupees(last * random_.between(90, 98) / 100) + "," +
                rupees(last * random_.between(103, 115) / 100) + "\n";
    }
    const auto path = paths_.inbox + "/signals.csv";
    REQUIRE(storage::replace_file(files_, path, text).has_value());
    files_.set_modified(path, broker_.desk().market().at());
}

// Whatever ran is gone; what is on the disk and in the journal is not.
void MarketDays::die() {
    ++counts_.deaths;
    told_.clear();
    for (auto& slot : slots_)
        slot.job.reset();
    minder_ = {};
    ledger_.reset();
    if (settings_.defect == Defect::forgets) {
        (void)files_.remove(share_records_path(paths_.directory));
        (void)files_.remove(share_records_path(paths_.directory) + ".previous");
    }
    for (auto& slot : slots_) {
        if (book_.of(slot.kind).running)
            end(slot, Outcome::interrupted, "its process ended");
    }
}

void MarketDays::end(Slot& slot, Outcome outcome, const std::string& text) {
    const auto at = broker_.desk().market().at();
    book_.apply(slot.kind, Ended{{*book_.of(slot.kind).running, at, outcome, text}});
    slot.job.reset();
    counts_.failed += outcome == Outcome::succeeded ? 0 : 1;
}

JobGrounds MarketDays::grounds() {
    if (!ledger_)
        ledger_.emplace(files_, paths_, AccountId::parse(facts_.account).value());
    return {facts_, paths_, jobs_settings_, files_, false, &*ledger_, "/candles"};
}

std::unique_ptr<Job> MarketDays::make(config::JobKind kind) {
    const auto& maker = job_type(kind).make;
    if (const auto* placement = std::get_if<PlacementJob>(&maker))
        return (*placement)({grounds(), broker_, broker_, broker_, "TEST"});
    if (const auto* protection = std::get_if<ProtectionJob>(&maker))
        return (*protection)({grounds(), broker_, broker_, "TEST"});
    return std::get<StateJob>(maker)({grounds(), &broker_});
}

void MarketDays::look(Slot& slot) {
    const auto at = broker_.desk().market().at();
    while (!slot.job) {
        const auto decision = decide(slot.plan, book_.of(slot.kind), nullptr, known_, at);
        if (std::holds_alternative<Wait>(decision))
            return;
        if (const auto* armed = std::get_if<Armed>(&decision)) {
            book_.apply(slot.kind, *armed);
        } else if (const auto* missed = std::get_if<Missed>(&decision)) {
            counts_.missed += static_cast<int>(missed->count);
            book_.apply(slot.kind, *missed);
        } else {
            ++counts_.runs;
            if (slot.kind == JobKind::place_orders_daily)
                placed_at_.push_back(std::get<Begun>(decision).run.slot);
            book_.apply(slot.kind, std::get<Begun>(decision));
            facts_.market_time = at;
            const auto day = known_.trading_day(at);
            const auto hours = known_.hours(day);
            facts_.trading_day = day_text(day);
            if (hours.count > 0) {
                facts_.trading_day_before = day_text(known_.trading_day(hours.begins - Nanos(1)));
                facts_.day_closes = hours.closes();
            }
            slot.job = make(slot.kind);
            slot.begun = slot.next = mono_of(at);
        }
    }
}

// Within this minute of the market; how the job ended, if it did. `next`: when it is to go on.
std::optional<Finished> MarketDays::drive(Job& job, MonoTime& next) {
    const auto at = broker_.desk().market().at();
    const auto until = mono_of(at) + k_minute;
    auto now = std::max(mono_of(at), next == MonoTime::max() ? mono_of(at) : next);
    while (now < until) {
        broker_.at(now);
        const auto progress = job.step({at, now});
        if (const auto* finished = std::get_if<Finished>(&progress))
            return *finished;
        next = std::get<Later>(progress).at;
        // Prices that it waits for may come within the minute.
        const auto due = next == MonoTime::max() ? broker_.prices_due() : next;
        if (!due)
            break;
        now = std::max(now, *due);
    }
    return std::nullopt;
}

void MarketDays::go_on(Slot& slot) {
    if (mono_of(broker_.desk().market().at()) - slot.begun >= slot.deadline)
        return end(slot, Outcome::timed_out, "its deadline passed");
    if (const auto finished = drive(*slot.job, slot.next)) {
        counts_.naked_told += finished->text.find("UNPROTECTED") != std::string::npos ? 1 : 0;
        end(slot, finished->ok ? Outcome::succeeded : Outcome::failed, finished->text);
    }
}

// As ShareMinder does: it looks, and covers what stays without a stop.
void MarketDays::mind() {
    const auto at = broker_.desk().market().at();
    if (!minder_.job) {
        const bool due = minder_.naked_since && at - *minder_.naked_since >= k_cover_after;
        if (due && at >= minder_.next_cover) {
            minder_.job =
                make_rest({grounds(), broker_, broker_, broker_, "TEST"}, RestPolicy::cover);
            minder_.next_cover = at + k_cover_again;
            ++counts_.covers;
        } else {
            minder_.job = make_look({grounds(), &broker_});
        }
        minder_.next = mono_of(at);
    }
    if (!drive(*minder_.job, minder_.next))
        return;
    minder_.job.reset();
    check_naked();
}

// By the exchange's log and its prices, in paise.
std::int64_t MarketDays::lost_today() {
    auto worth = -judge_.spent();
    for (const auto& [symbol, facts] : broker_.desk().market().shares())
        worth += judge_.held(symbol) * facts.last.ticks;
    return worth_before_ - worth;
}

// When so much was lost before this minute's work, nothing was bought in it.
void MarketDays::check_loss(std::int64_t lost, bool reached) {
    constexpr std::int64_t k_paise = 100;
    const auto& amount = settings_.loss.amount_max;
    if (!reached && (amount == 0 || lost < amount * k_paise))
        return;
    const auto& log = broker_.log();
    for (const auto& line : std::span(log).subspan(worked_from_)) {
        std::istringstream in(line);
        std::string what;
        std::string word;
        std::string side;
        std::string symbol;
        in >> what >> word >> word >> side >> word >> symbol;
        if (what == "accepted" && side == "buy" && !late_buys_.contains(symbol))
            faults_.push_back(symbol + " was bought after the loss of the day: " + line);
    }
}

void MarketDays::work() {
    worked_from_ = broker_.log().size();
    const auto lost = lost_today();
    const bool reached = ledger_ && is_loss_reached(ledger_->records(), facts_.trading_day) &&
                         facts_.trading_day == day_text(broker_.desk().market().day());
    try {
        if (rough(0.001))
            throw Death{};
        for (auto& slot : slots_) {
            look(slot);
            if (slot.job)
                go_on(slot);
        }
        mind();
    } catch (const Death&) {
        die();
    }
    read_log();
    check_loss(lost, reached);
    const bool now = ledger_ && is_loss_reached(ledger_->records(), facts_.trading_day);
    counts_.losses += now && !reached ? 1 : 0;
}

void MarketDays::read_log() {
    for (const auto& log = broker_.log(); read_ < log.size(); ++read_)
        judge_.read(log[read_], broker_.logged_at()[read_]);
}

// What the exchange did last with a share, to tell why a fault is one.
std::string MarketDays::last_of(const std::string& symbol) const {
    constexpr std::size_t k_lines = 12;
    std::string lines;
    std::size_t found = 0;
    const auto& log = broker_.log();
    for (auto line = log.rbegin(); line != log.rend() && found < k_lines; ++line) {
        if (line->find(symbol) == std::string::npos)
            continue;
        lines.insert(0, "\n    " + *line);
        ++found;
    }
    return lines;
}

// What a look just said is without a stop is that by the exchange's log, too. Not of a share that
// was dealt in within the minute: whether that was before the look or after it, the log cannot say.
void MarketDays::check_naked() {
    const auto& seen = ledger_->seen();
    if (!seen || seen->world.at != broker_.desk().market().at())
        return;
    read_log();
    const auto all = naked_of(ledger_->records(), seen->world);
    if (all.empty())
        minder_.naked_since.reset();
    else
        minder_.naked_since = minder_.naked_since.value_or(broker_.desk().market().at());
    const auto& log = broker_.log();
    const auto minute = std::span(log).subspan(worked_from_);
    for (const auto& naked : all) {
        const bool dealt = std::ranges::any_of(minute, [&](const std::string& line) {
            return line.find(naked.symbol) != std::string::npos;
        });
        if (!dealt && judge_.held(naked.symbol) <= 0)
            faults_.push_back(naked.symbol + " is told as without a stop and is not held" +
                              last_of(naked.symbol));
    }
}

void MarketDays::minute() {
    const auto step = broker_.desk().step();
    broker_.at(mono_of(step.at));
    if (step.phase == venue::SharePhase::opens)
        day_begins();
    if (step.phase != venue::SharePhase::closes) {
        move_prices(step.phase == venue::SharePhase::opens);
        if (rough(0.01))
            person();
    }
    read_log();
    work();
    // On a day that the account's own calendar takes for a holiday none of its jobs runs.
    if (!known_.open(broker_.desk().market().at()))
        judge_.excuse_all();
    if (broker_.desk().market().is_open())
        judge_.look(opened_ += k_minute, k_bare_max);
}

// What the exchange's book and its log say of cash and shares is one thing, and all that is held is
// behind a stop.
void MarketDays::check_end() {
    const auto& book = broker_.book();
    const auto paise = (k_cash - book.cash() - book.unsettled()).millionths / 10'000;
    if (paise != judge_.spent())
        faults_.push_back("cash is " + std::to_string(paise) + " paise less, and " +
                          std::to_string(judge_.spent()) + " were spent");
    for (std::uint32_t i = 0; i < book.shares(); ++i) {
        const std::string symbol(book.symbol({i}));
        const auto held = book.holding({i}).all();
        if (held != judge_.held(symbol))
            faults_.push_back(symbol + ": the book and the log differ");
        if (held > judge_.covered(symbol))
            faults_.push_back(symbol + ": " + std::to_string(held) + " held at the end, and " +
                              std::to_string(judge_.covered(symbol)) + " behind a stop");
        if (held == 0 && judge_.stops(symbol) > judge_.hand_stops(symbol))
            faults_.push_back(symbol + ": a stop was left of what is not held");
    }
}

void MarketDays::run() {
    while (broker_.desk().market().at() < settings_.to)
        minute();
    calm_ = true;
    settings_.defect = Defect::none;
    at_circuit_.clear();
    const int days = counts_.days + 2;
    while (counts_.days < days || broker_.desk().market().is_open())
        minute();
    // What was sold since the last run of the day has no stop any more either.
    const auto last = make(JobKind::update_cnc_stoploss);
    auto next = MonoTime::max();
    const auto finished = drive(*last, next);
    if (!finished || !finished->ok)
        faults_.push_back("the last run did not succeed: " +
                          (finished ? finished->text : "it goes on"));
    read_log();
    check_end();
}

}  // namespace bullpen::test
