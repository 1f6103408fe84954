#include "notify/board_watch.hpp"

#include <algorithm>
#include <array>

namespace bullpen::notify {

namespace {

constexpr Nanos k_day = std::chrono::hours(24);
// Of limits of money those that a loss uses up.
constexpr std::array<std::string_view, 2> k_losses = {"daily_loss", "loss_floor"};
// What was told is told again when it has been below by so much.
constexpr std::int64_t k_less_percent = 10;
constexpr std::int64_t k_hundred = 100;

std::string hours_text(Nanos span) {
    const auto minutes = std::chrono::floor<std::chrono::minutes>(span).count();
    return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

std::int64_t percent_of(std::int64_t used, std::int64_t limit) {
    // Both are millionths of money: a hundred times as much may be too large for the type.
    return limit <= 0 ? 0 : used / std::max<std::int64_t>(1, limit / k_hundred);
}

std::string recap_line(const ipc::BoardSlot& slot) {
    std::string line =
        slot.account.str() + ": " +
        (slot.day_pnl.empty() ? std::string("P&L unknown") : "P&L " + slot.day_pnl.str()) + ", " +
        (slot.position.empty() ? "position unknown" : slot.position.str()) + ", " +
        std::string(model::code(slot.state));
    if (slot.reports != 0)
        line += " " + std::string(model::code(slot.mode));
    if (!slot.last_error.empty())
        line += "; last error: " + slot.last_error.str();
    return line;
}

bool is_weekend(std::chrono::weekday day) {
    return day == std::chrono::Saturday || day == std::chrono::Sunday;
}

}  // namespace

UtcTime last_recap(const RecapTime& recap, UtcTime now) {
    auto day = std::chrono::floor<std::chrono::days>(recap.zone.local(now));
    for (int back = 0; back <= 7; ++back, day -= std::chrono::days(1)) {
        const auto at = recap.zone.read(time::LocalTime(day.time_since_epoch()) + recap.of_day);
        if (at.earliest <= now && !is_weekend(std::chrono::weekday(day)))
            return at.earliest;
    }
    return {};
}

std::vector<Alert> BoardWatch::look(const std::optional<ipc::Board>& board, Instant now) {
    std::vector<Alert> alerts;
    watch_daemon(board, now, alerts);
    // What a dead daemon wrote last says nothing of now.
    if (!board || !board->daemon_alive)
        return alerts;
    std::set<std::string, std::less<>> known;
    for (const auto& slot : board->slots) {
        if (slot.service != 0)
            continue;
        known.insert(slot.account.str());
        const auto found = rules_.accounts.find(slot.account.view());
        const auto limits = found == rules_.accounts.end() ? Thresholds{} : found->second;
        watch_position(slot, limits, now.utc, alerts);
        watch_losses(slot, limits, now.utc, alerts);
    }
    std::erase_if(state_.open_since, [&](const auto& one) { return !known.contains(one.first); });
    std::erase_if(state_.open_told, [&](const auto& one) { return !known.contains(one); });
    std::erase_if(state_.limit_told,
                  [&](const auto& one) { return !known.contains(one.substr(0, one.find('/'))); });
    watch_recap(*board, now.utc, alerts);
    return alerts;
}

void BoardWatch::watch_daemon(const std::optional<ipc::Board>& board, Instant now,
                              std::vector<Alert>& alerts) {
    const bool there = board && board->daemon_alive;
    if (there) {
        daemon_gone_.reset();
        state_.daemon_told = false;
        return;
    }
    if (!daemon_gone_)
        daemon_gone_ = now.mono;
    if (state_.daemon_told || now.mono - *daemon_gone_ < k_daemon_gone_after)
        return;
    state_.daemon_told = true;
    const bool meant = board && board->daemon.stopping != 0;
    alerts.push_back(make_alert(Kind::daemon_down, now.utc, {},
                                meant ? "it was shut down and has left its workers"
                                      : "nothing says why; it may have crashed"));
}

void BoardWatch::watch_position(const ipc::BoardSlot& slot, const Thresholds& limits, UtcTime now,
                                std::vector<Alert>& alerts) {
    const auto account = slot.account.str();
    // Unknown is not flat: what was open is taken to be so until it is known to be closed.
    if (slot.quantity_known != 0 && slot.quantity == 0) {
        state_.open_since.erase(account);
        state_.open_told.erase(account);
        return;
    }
    if (slot.quantity_known == 0)
        return;
    const auto since = state_.open_since.try_emplace(account, now).first->second;
    const bool too_long =
        limits.position_open_max > Nanos{0} && now - since >= limits.position_open_max;
    if (!too_long || !state_.open_told.insert(account).second)
        return;
    alerts.push_back(
        make_alert(Kind::position_open_long, now, account,
                   slot.position.str() + " has been open for " + hours_text(now - since)));
}

void BoardWatch::watch_losses(const ipc::BoardSlot& slot, const Thresholds& limits, UtcTime now,
                              std::vector<Alert>& alerts) {
    for (const auto& limit : slot.all_limits()) {
        if (std::find(k_losses.begin(), k_losses.end(), limit.name.view()) == k_losses.end())
            continue;
        const auto key = slot.account.str() + "/" + limit.name.str();
        const auto percent = percent_of(limit.used, limit.limit);
        if (limits.loss_warning_percent <= 0 ||
            percent < limits.loss_warning_percent - k_less_percent) {
            state_.limit_told.erase(key);
            continue;
        }
        if (percent < limits.loss_warning_percent || !state_.limit_told.insert(key).second)
            continue;
        alerts.push_back(make_alert(Kind::loss_warning, now, slot.account.str(),
                                    std::to_string(percent) + " % of " + limit.name.str() +
                                        " is used up; the day's P&L is " + slot.day_pnl.str(),
                                    limit.name.str()));
    }
}

void BoardWatch::watch_recap(const ipc::Board& board, UtcTime now, std::vector<Alert>& alerts) {
    if (!rules_.recap)
        return;
    const auto due = last_recap(*rules_.recap, now);
    // A first start does not make up for the last one before it; nor does a clock set back repeat.
    if (state_.recap_at == UtcTime{} || state_.recap_at > now + k_day) {
        state_.recap_at = due;
        return;
    }
    if (due <= state_.recap_at)
        return;
    state_.recap_at = due;
    if (now - due > k_recap_late_max)
        return;
    std::string text;
    for (const auto& slot : board.slots) {
        if (slot.service == 0 && slot.enabled != 0)
            text += (text.empty() ? "" : "\n") + recap_line(slot);
    }
    alerts.push_back(make_alert(Kind::recap, due, {}, text.empty() ? "no account runs" : text));
}

}  // namespace bullpen::notify
