#include "worker/equity/second_look.hpp"

#include <algorithm>

namespace bullpen::equity {

namespace {

constexpr std::int64_t k_hundredths = 10'000;  // hundredths of a percent

bool is_near(model::Price price, model::Price to, int band) {
    const auto apart = std::max(price.ticks, to.ticks) - std::min(price.ticks, to.ticks);
    return apart * k_hundredths <= to.ticks * band;
}

}  // namespace

void SecondLook::believe(model::Price last, model::Price price) {
    near_ = last;
    price_ = price;
    doubted_.reset();
}

void SecondLook::see(model::Price last, MonoTime asked, model::Price close_before, int band) {
    if (last.ticks <= 0)
        return;
    const bool again = newest_ && newest_->price == last && newest_->asked == asked;
    if (again || (doubted_ && asked - newest_->asked < k_apart))
        return;
    if (!newest_)
        near_ = close_before;
    newest_ = Seen{last, asked};
    if (band == 0 || near_.ticks <= 0)
        return believe(last, last);
    const bool agrees = doubted_ && is_near(last, *doubted_, band);
    if (agrees || is_near(last, near_, band)) {
        discarded_ += doubted_ && !agrees ? 1 : 0;
        return believe(last, last);
    }
    if (doubted_ && *doubted_ < near_ && last < near_)
        return believe(last, std::max(last, *doubted_));
    discarded_ += doubted_ ? 1 : 0;
    doubted_ = last;
}

}  // namespace bullpen::equity
