#include "notify/outbox.hpp"

#include <algorithm>
#include <iterator>

#include "common/base/assert.hpp"

namespace bullpen::notify {

namespace {

constexpr std::array<std::string_view, k_targets> k_target_words = {"command", "webhook", "smtp"};
constexpr std::array<std::string_view, 2> k_form_words = {"full", "brief"};
constexpr std::uint32_t k_doublings_max = 16;

template <class Enum, std::size_t size>
std::optional<Enum> find(const std::array<std::string_view, size>& words, std::string_view word) {
    const auto found = std::find(words.begin(), words.end(), word);
    return found == words.end() ? std::nullopt
                                : std::optional(static_cast<Enum>(found - words.begin()));
}

// A time that lies further ahead than any wait was set by another clock.
bool is_over(UtcTime until, Nanos longest, UtcTime now) {
    return now >= until || until - now > longest;
}

}  // namespace

std::string_view code(Target target) {
    return k_target_words.at(static_cast<std::size_t>(target));
}
std::optional<Target> target_from(std::string_view word) {
    return find<Target>(k_target_words, word);
}
std::string_view code(Form form) {
    return k_form_words.at(static_cast<std::size_t>(form));
}
std::optional<Form> form_from(std::string_view word) {
    return find<Form>(k_form_words, word);
}

Nanos retry_wait(std::uint32_t failures) {
    if (failures == 0)
        return Nanos{0};
    Nanos wait = Outbox::k_retry_first;
    for (std::uint32_t i = 1; i < std::min(failures, k_doublings_max); ++i)
        wait = std::min(wait * 2, Outbox::k_retry_max);
    return wait;
}

bool Outbox::is_due(const Delivery& delivery, UtcTime now) const {
    return is_over(delivery.next, k_retry_max, now) &&
           is_over(rests_until_.at(static_cast<std::size_t>(delivery.target)), k_retry_max, now);
}

std::vector<Delivery> Outbox::add(Delivery delivery, UtcTime now) {
    delivery.number = ++state_.last_number;
    delivery.added = now;
    delivery.next = now;
    delivery.attempts = 0;
    state_.waiting.push_back(std::move(delivery));
    std::vector<Delivery> gone;
    while (state_.waiting.size() > limits_.most) {
        auto least = state_.waiting.end();
        for (auto it = state_.waiting.begin(); it != state_.waiting.end(); ++it) {
            const bool less =
                least == state_.waiting.end() || it->alert.severity() < least->alert.severity();
            if (less && !is_under_way(*it))
                least = it;
        }
        if (least == state_.waiting.end())
            break;  // all are under way: as many as there are targets
        gone.push_back(std::move(*least));
        state_.waiting.erase(least);
        ++state_.given_up;
    }
    return gone;
}

std::optional<Delivery> Outbox::take(Target target, UtcTime now) {
    if (is_busy(target))
        return std::nullopt;
    const Delivery* first = nullptr;
    for (const auto& one : state_.waiting) {
        if (one.target != target || !is_due(one, now))
            continue;
        if (first == nullptr || one.alert.severity() > first->alert.severity())
            first = &one;
    }
    if (first == nullptr)
        return std::nullopt;
    under_way_.at(static_cast<std::size_t>(target)) = first->number;
    return *first;
}

void Outbox::end(std::uint64_t number) {
    for (auto& under_way : under_way_) {
        if (under_way == number)
            under_way = 0;
    }
}

void Outbox::delivered(std::uint64_t number) {
    end(number);
    const auto found = std::find_if(state_.waiting.begin(), state_.waiting.end(),
                                    [&](const Delivery& one) { return one.number == number; });
    if (found == state_.waiting.end())
        return;
    const auto target = static_cast<std::size_t>(found->target);
    failures_.at(target) = 0;
    rests_until_.at(target) = {};
    state_.waiting.erase(found);
}

void Outbox::failed(std::uint64_t number, const std::string& trouble, Blame blame, UtcTime now) {
    end(number);
    const auto found = std::find_if(state_.waiting.begin(), state_.waiting.end(),
                                    [&](const Delivery& one) { return one.number == number; });
    if (found == state_.waiting.end())
        return;
    ++found->attempts;
    found->trouble = trouble;
    const auto target = static_cast<std::size_t>(found->target);
    if (blame == Blame::target) {
        rests_until_.at(target) = now + retry_wait(++failures_.at(target));
        found->next = now;
    } else {
        failures_.at(target) = 0;
        found->next = now + retry_wait(found->attempts);
    }
}

template <class Condition>
std::vector<Delivery> Outbox::give_up(Condition condition) {
    auto& waiting = state_.waiting;
    const auto kept = std::stable_partition(
        waiting.begin(), waiting.end(),
        [&](const Delivery& one) { return is_under_way(one) || !condition(one); });
    std::vector<Delivery> gone(std::make_move_iterator(kept),
                               std::make_move_iterator(waiting.end()));
    waiting.erase(kept, waiting.end());
    state_.given_up += gone.size();
    return gone;
}

std::vector<Delivery> Outbox::expire(UtcTime now) {
    return give_up([&](const Delivery& one) { return now - one.added >= limits_.give_up_after; });
}

std::vector<Delivery> Outbox::drop(Target target) {
    return give_up([&](const Delivery& one) { return one.target == target; });
}

std::optional<UtcTime> Outbox::next_due(UtcTime now) const {
    std::optional<UtcTime> next;
    const auto consider = [&](UtcTime at) { next = next ? std::min(*next, at) : at; };
    for (const auto& one : state_.waiting) {
        consider(one.added + limits_.give_up_after);
        if (is_busy(one.target))
            continue;
        if (is_due(one, now))
            return now;
        consider(std::max(one.next, rests_until_.at(static_cast<std::size_t>(one.target))));
    }
    return next;
}

}  // namespace bullpen::notify
