#include "common/watch/disk_watch.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace bullpen::watch {

namespace {

// Between two looks at the clock.
constexpr std::size_t k_stretch = 256;

std::string in_units(std::uint64_t bytes) {
    constexpr double k_mib = 1ULL << 20U;
    constexpr double k_gib = 1ULL << 30U;
    std::array<char, 32> text{};
    const auto size = static_cast<double>(bytes);
    if (size >= k_gib)
        (void)std::snprintf(text.data(), text.size(), "%.1f GiB", size / k_gib);
    else
        (void)std::snprintf(text.data(), text.size(), "%.1f MiB", size / k_mib);
    return text.data();
}

Size with_removed(Size size, const Place& place) {
    size.bytes += place.removed;
    return size;
}

std::string where(const Place& place) {
    auto text = place.directory + (place.others.empty() ? "" : " and its write_paths");
    if (place.removed > 0)
        text += " (" + in_units(place.removed) + " of it removed, and still open)";
    return text;
}

}  // namespace

Fill fill_of(const Size& size, std::uint64_t most) {
    if (most == 0)
        return Fill::fine;
    if (size.hidden || size.bytes > most)
        return Fill::over;
    return size.bytes > most / 100 * k_near_percent ? Fill::near : Fill::fine;
}

std::string fill_text(const Size& size, std::uint64_t most, const std::string& directory) {
    const auto held = in_units(size.bytes) + " in " + directory;
    if (size.hidden)
        return held + ", and more that cannot be looked into";
    return most == 0 ? held : held + ", " + in_units(most) + " allowed";
}

std::vector<Seen> DiskWatch::look(std::span<const Place> places, std::size_t entries,
                                  const Clock& clock, MonoTime deadline) {
    std::vector<Seen> all;
    forget_others(places);
    if (!walk_ && !last_ && begun_ && clock.mono() - turn_since_ < k_turn_min)
        return all;
    while (entries > 0 && clock.mono() < deadline) {
        const auto at = place(places);
        if (!at) {
            // The next turn is for the next look.
            last_.reset();
            return all;
        }
        const auto& current = places[*at];
        if (!walk_) {
            if (!last_) {
                turn_since_ = clock.mono();
                begun_ = true;
            }
            walk_.emplace(current.directory, current.others);
            walked_ = current.account;
        }
        std::size_t stretch = std::min(entries, k_stretch);
        const auto before = stretch;
        const auto ended = walk_->step(stretch);
        // A directory without entries costs something, too.
        entries -= std::min(entries, before - stretch + 1);
        if (!ended) {
            walk_.reset();
            return all;
        }
        const auto size = with_removed(walk_->size(), current);
        if (*ended || fill_of(size, current.most) == Fill::over) {
            all.push_back(seen(current, size));
            walk_.reset();
            last_ = current.account;
        }
    }
    return all;
}

std::optional<std::size_t> DiskWatch::place(std::span<const Place> places) const {
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (walk_ ? places[i].account == *walked_ : !last_ || *last_ < places[i].account)
            return i;
    }
    return std::nullopt;
}

void DiskWatch::forget_others(std::span<const Place> places) {
    const auto listed = [&](const AccountId& account) {
        return std::any_of(places.begin(), places.end(),
                           [&](const Place& place) { return place.account == account; });
    };
    if (walk_ && !listed(*walked_))
        walk_.reset();
    if (known_.size() > places.size())
        std::erase_if(known_, [&](const auto& one) { return !listed(one.first); });
}

Seen DiskWatch::seen(const Place& place, const Size& size) {
    const auto fill = fill_of(size, place.most);
    const auto before = std::exchange(known_[place.account], fill);
    return {place.account, size, fill, fill != before, fill_text(size, place.most, where(place))};
}

}  // namespace bullpen::watch
