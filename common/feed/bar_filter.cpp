#include "common/feed/bar_filter.hpp"

#include <algorithm>
#include <cstdlib>

namespace bullpen::feed {

namespace {

// A price this part of the last close away from it is out of line ...
constexpr std::int64_t k_jump_part = 4;
// ... but near zero a part is nothing, so that the distance is never taken smaller than this.
constexpr std::int64_t k_jump_ticks_min = 250;

bool same_values(const model::Bar& a, const model::Bar& b) {
    return a == b;
}

}  // namespace

void BarFilter::add(const model::Bar& bar, std::uint64_t line) {
    ++ordinal_;
    const std::uint64_t later_before = bar.start < previous_start_ ? ordinal_ - 1 : 0;
    previous_start_ = bar.start;
    if (released_ && bar.start <= released_->bar.start) {
        const bool repeated = same_values(bar, released_->bar);
        quality_->report(repeated ? Defect::exact_duplicate : Defect::too_late, line, bar.start);
        return;
    }
    const auto place =
        std::lower_bound(held_.begin(), held_.end(), bar.start,
                         [](const Row& row, UtcTime start) { return row.bar.start < start; });
    if (place != held_.end() && place->bar.start == bar.start) {
        if (!place->conflicting && same_values(place->bar, bar)) {
            quality_->report(Defect::exact_duplicate, line, bar.start);
            return;
        }
        if (!place->conflicting)
            quality_->report(Defect::conflicting_duplicate, place->line, bar.start);
        place->conflicting = true;
        quality_->report(Defect::conflicting_duplicate, line, bar.start);
        return;
    }
    held_.insert(place, {bar, line, ordinal_, later_before, false});
    drop_outliers();
    if (held_.size() > k_rows_held)
        release_first();
}

void BarFilter::drop_outliers() {
    while (!held_.empty() && ordinal_ - held_.back().ordinal > k_rows_ahead_max) {
        const Row outlier = held_.back();
        held_.pop_back();
        // Rows in conflict were refused when the second one came.
        if (!outlier.conflicting)
            quality_->report(Defect::too_early, outlier.line, outlier.bar.start);
        // The row after it was not late, then.
        for (Row& row : held_) {
            if (row.later_before == outlier.ordinal)
                row.later_before = 0;
        }
    }
}

void BarFilter::finish() {
    drop_outliers();
    while (!held_.empty())
        release_first();
    end_run();
}

std::optional<model::Bar> BarFilter::take() {
    if (ready_.empty())
        return std::nullopt;
    const model::Bar bar = ready_.front();
    ready_.pop_front();
    return bar;
}

void BarFilter::release_first() {
    released_ = held_.front();
    held_.erase(held_.begin());
    if (released_->later_before != 0)
        quality_->report(Defect::reordered, released_->line, released_->bar.start);
    if (!released_->conflicting)
        check_jump(*released_);
}

bool BarFilter::plausible(const model::Bar& bar, model::Price reference) const {
    const std::int64_t distance_max =
        std::max(std::abs(reference.ticks) / k_jump_part, k_jump_ticks_min);
    return bar.high.ticks - reference.ticks <= distance_max &&
           reference.ticks - bar.low.ticks <= distance_max;
}

void BarFilter::check_jump(const Row& row) {
    if (last_close_ && !plausible(row.bar, *last_close_)) {
        jumps_ = jump_close_ && plausible(row.bar, *jump_close_) ? jumps_ + 1 : 1;
        jump_close_ = row.bar.close;
        if (jumps_ < k_jumps_to_believe) {
            quality_->report(Defect::price_jump, row.line, row.bar.start);
            return;
        }
    }
    jumps_ = 0;
    jump_close_.reset();
    last_close_ = row.bar.close;
    check_ladder(row);
}

void BarFilter::end_run() {
    for (const Row& row : run_)
        pass(row);
    run_.clear();
    run_is_ladder_ = false;
}

void BarFilter::check_ladder(const Row& row) {
    if (row.bar.volume != 1 || row.bar.start != run_end_)
        end_run();
    if (row.bar.volume != 1) {
        pass(row);
        return;
    }
    run_end_ = row.bar.end();
    run_.push_back(row);
    const bool several_prices = row.bar.high != row.bar.low;
    bool even_steps = run_.size() == k_ladder_rungs;
    for (std::size_t i = 1; i < run_.size() && even_steps; ++i) {
        const model::Ticks step = run_[i].bar.close - run_[i - 1].bar.close;
        even_steps = step.value != 0 && step == run_[1].bar.close - run_[0].bar.close;
    }
    run_is_ladder_ = run_is_ladder_ || several_prices || even_steps;
    if (run_is_ladder_) {
        for (const Row& rung : run_)
            quality_->report(Defect::interpolated, rung.line, rung.bar.start);
        run_.clear();
    } else if (run_.size() == k_ladder_rungs) {
        pass(run_.front());
        run_.erase(run_.begin());
    }
}

void BarFilter::pass(const Row& row) {
    if (passed_until_ && *passed_until_ < row.bar.start) {
        const std::int64_t missing = calendar_->open_minutes(*passed_until_, row.bar.start) * 60 /
                                     std::max<std::int64_t>(span_.count(), 60);
        if (missing > 0) {
            quality_->report(Defect::gap, row.line, calendar_->next_open(*passed_until_),
                             static_cast<std::uint64_t>(missing));
        }
    }
    passed_until_ = row.bar.end();
    ready_.push_back(row.bar);
}

}  // namespace bullpen::feed
