#include "worker/calendar_watch.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "common/storage/atomic_file.hpp"

namespace bullpen::worker {

namespace {

using events::Answer;

// The timeline speaks about so much time before and after the account's; it is worked out anew when
// less than the margin is left.
constexpr Nanos k_behind = std::chrono::hours(24 * 2);
constexpr Nanos k_ahead = std::chrono::hours(24 * 12);
constexpr Nanos k_margin = std::chrono::hours(24 * 2);

}  // namespace

CalendarWatch::CalendarWatch(AccountContext& context, events::AccountRules rules,
                             time::Zone new_york)
    : context_(&context),
      rules_(std::move(rules)),
      new_york_(std::move(new_york)),
      snapshot_path_(context.home().shared() + "/" + std::string(events::k_snapshot_name)),
      overrides_path_(context.home().shared() + "/" + std::string(events::k_overrides_name)) {}

Result<CalendarWatch> CalendarWatch::open(AccountContext& context) {
    BULLPEN_TRY(auto rules, events::AccountRules::from(context.settings().events));
    BULLPEN_TRY(auto new_york, time::Zone::load("America/New_York"));
    return CalendarWatch(context, std::move(rules), std::move(new_york));
}

CalendarWatch::Stamp CalendarWatch::stamp(const std::string& path) {
    struct ::stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return {};
    const auto nanos = [](const timespec& time) {
        return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
    };
    return {status.st_ino, status.st_size, nanos(status.st_mtim), nanos(status.st_ctim)};
}

void CalendarWatch::look(Instant now, UtcTime at) {
    bool changed = !looked_ || (overrides_change_ && *overrides_change_ <= now.utc);
    if (!looked_ || now.mono >= next_look_) {
        next_look_ = now.mono + k_look_interval;
        if (const auto seen = stamp(snapshot_path_); seen != snapshot_stamp_ || !looked_) {
            snapshot_stamp_ = seen;
            take_snapshot();
            changed = true;
        }
        if (const auto seen = stamp(overrides_path_); seen != overrides_stamp_ || !looked_) {
            overrides_stamp_ = seen;
            take_overrides();
            changed = true;
        }
    }
    looked_ = true;
    if (changed)
        ++revision_;
    if (changed || at < timeline_.begins() || at + k_margin > timeline_.ends())
        build(now.utc, at);
}

// What cannot be read does not take the place of what could: the calendar that is held grows old
// instead, and that is seen.
void CalendarWatch::take_snapshot() {
    auto loaded = events::load_snapshot(context_->files(), snapshot_path_);
    if (!loaded.trouble.empty())
        context_->log().error("calendar_damaged", {{"trouble", loaded.trouble}});
    const bool newer = loaded.snapshot && (!snapshot_ || loaded.trouble.empty() ||
                                           loaded.snapshot->generation > snapshot_->generation);
    if (!newer)
        return;
    snapshot_ = std::move(loaded.snapshot);
    ++taken_;
    context_->log().info("calendar_taken", {{"generation", snapshot_->generation},
                                            {"events", snapshot_->events.size()},
                                            {"written", snapshot_->written}});
}

void CalendarWatch::take_overrides() {
    auto loaded = events::load_overrides(context_->files(), overrides_path_);
    if (!loaded) {
        context_->log().error("calendar_override_refused", {{"trouble", loaded.error().message()}});
        return;
    }
    if (*loaded == overrides_)
        return;
    overrides_ = std::move(*loaded);
    ++taken_;
    context_->log().info("calendar_override_taken", {{"entries", overrides_.entries.size()}});
    const auto noted = context_->audit().append("calendar_override_taken",
                                                {{"entries", overrides_.entries.size()}});
    if (!noted)
        context_->log().error("audit_failed", {{"trouble", noted.error().message()}});
}

void CalendarWatch::build(UtcTime now, UtcTime at) {
    events::Timeline::Input input;
    input.snapshot = snapshot_ ? &*snapshot_ : nullptr;
    input.overrides = &overrides_;
    input.rules = &rules_;
    input.new_york = &new_york_;
    input.now = now;
    input.from = at - k_behind;
    input.to = at + k_ahead;
    timeline_ = events::Timeline::build(input);
    overrides_change_ = events::next_expiry(overrides_, now);
}

std::string CalendarWatch::text(const Answer& answer) {
    if (answer.event == nullptr)
        return std::string(answer.why);
    const events::Event& event = *answer.event;
    std::string text = event.title.empty() ? event.id : event.title;
    text += ", " + events::format_local(event.local) + " " + event.zone;
    if (event.status == events::Status::estimated)
        text += " (estimated)";
    return text + ", until " + events::format_instant(answer.to);
}

}  // namespace bullpen::worker
