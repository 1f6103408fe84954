#include "common/feed/feed.hpp"

#include <algorithm>
#include <cmath>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"

namespace bullpen::feed {

namespace {

// A pace that would take longer than this for one bar is as good as standing still; it keeps the
// arithmetic of due times within 64 bits.
constexpr double k_wall_seconds_a_bar_max = 30.0 * 86400;
// Who tells of bars wakes those that wait for them; this only bounds a wait.
constexpr Nanos k_told_wait = std::chrono::hours(1);

}  // namespace

Result<void> check_speed(Pace pace) {
    if (pace.speed >= 0 && pace.speed <= Pace::k_speed_max)
        return {};
    return fail(Errc::invalid, "a feed's speed is from 0 to a million market seconds a second");
}

Feed::Feed(const model::Instrument& instrument, Pace pace) : instrument_(&instrument), pace_(pace) {
    BULLPEN_ASSERT(pace.speed >= 0 && pace.speed <= Pace::k_speed_max,
                   "a speed was checked where the settings were read");
}

double Feed::bar_seconds() const {
    return std::min(static_cast<double>(span_.count()) / pace_.speed, k_wall_seconds_a_bar_max);
}

MonoTime Feed::due(std::uint64_t index) const {
    if (index < paced_index_)
        return paced_from_;
    const auto bars = static_cast<double>(index - paced_index_ + 1);
    return paced_from_ + Nanos(std::llround(std::min(bar_seconds() * bars, 1e9) * 1e9));
}

void Feed::start(Instant now) {
    paced_from_ = now.mono;
    paced_index_ = std::max(position_, pace_.history);
}

void Feed::follow(std::uint64_t bars, Instant now) {
    if (followed_ && bars <= *followed_)
        return;
    if (behind() == 0)
        owed_since_ = now.mono;
    followed_ = bars;
    followed_at_ = now.mono;
}

std::uint64_t Feed::behind() const {
    return followed_ && *followed_ > position_ ? *followed_ - position_ : 0;
}

std::optional<MonoTime> Feed::market_mute_from() const {
    if (!followed_ || ended_ || fault_ || pace_.speed <= 0)
        return std::nullopt;
    return followed_at_ + Nanos(std::llround(bar_seconds() * 1e9)) + k_bar_grace;
}

std::string Feed::identity() const {
    if (!followed_)
        return source();
    return (in_ticks_ ? "followed by ticks " : "followed ") + source();
}

Next Feed::next(Instant now) {
    if (fault_)
        return Fault{*fault_};
    if (ended_)
        return Ended{};
    const auto there = available();
    if (there && !waiting_ && position_ >= *there)
        return NotYet{now.mono + k_told_wait};
    if (!waiting_) {
        auto produced = produce();
        if (!produced) {
            fault_ = produced.error();
            return Fault{*fault_};
        }
        if (!*produced) {
            ended_ = true;
            return Ended{};
        }
        waiting_ = **produced;
    }
    if (followed_) {
        if (position_ >= *followed_)
            return NotYet{now.mono + k_told_wait};
    } else if (!there && pace_.speed > 0) {
        const MonoTime until = due(position_);
        if (now.mono < until)
            return NotYet{until};
    }
    const model::Bar bar = *waiting_;
    waiting_.reset();
    ++position_;
    owed_since_ = now.mono;
    return bar;
}

Result<void> Feed::seek(std::uint64_t index) {
    waiting_.reset();
    ended_ = false;
    fault_.reset();
    if (auto moved = rewind(index); !moved) {
        // The source stands wherever it stopped; without a fault it would hand out wrong numbers.
        fault_ = moved.error();
        return moved;
    }
    position_ = index;
    paced_index_ = index;
    return {};
}

Result<void> Feed::look_over(std::uint64_t from, std::uint64_t to,
                             const std::function<void(const model::Bar&)>& take) {
    BULLPEN_CHECK(seek(from));
    while (position_ < to) {
        BULLPEN_TRY(const auto bar, produce());
        if (!bar)
            return fail(Errc::not_found, "the source ends before bar " + std::to_string(to));
        take(*bar);
        ++position_;
    }
    paced_index_ = to;
    return {};
}

std::optional<MonoTime> Feed::expects_bar_by(Instant /*now*/) const {
    if (ended_ || fault_)
        return std::nullopt;
    const auto there = available();
    if (followed_) {
        const bool written = !there || waiting_ || position_ < *there;
        return behind() > 0 && written ? std::optional(owed_since_ + k_bar_grace) : std::nullopt;
    }
    if (pace_.speed <= 0 || there)
        return std::nullopt;
    return due(position_) + k_bar_grace;
}

std::optional<DateOrder> date_order_from(std::string_view word) {
    if (word == "month_first")
        return DateOrder::us;
    if (word == "day_first")
        return DateOrder::day_first;
    return word == "unstated" ? std::optional(DateOrder::unstated) : std::nullopt;
}

}  // namespace bullpen::feed
