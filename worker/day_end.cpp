#include "worker/day_end.hpp"

#include <utility>

namespace bullpen::worker {

std::optional<DayResult> DayEnd::on_bar(const DayResult& so_far, bool shut, bool newest) {
    std::optional<DayResult> ended;
    if (open_ && open_->day != so_far.day)
        ended = std::exchange(open_, std::nullopt);
    if (!newest) {
        open_.reset();
    } else if (told_ != so_far.day) {
        open_ = so_far;
        if (shut && !ended)
            ended = std::exchange(open_, std::nullopt);
    }
    if (ended)
        told_ = ended->day;
    return ended;
}

}  // namespace bullpen::worker
