// Outbox: what is on its way to its targets. One delivery is one alert for one target. For each
// target one is under way at a time, the most severe first, of these the oldest. A delivery that
// fails is tried again, less and less often, until it is too old; a target that cannot be reached
// is left alone as a whole for as long. When it is full the oldest of the least severe go.
//
// Pure, wall-clock times: it outlives the process. What is under way when that dies is tried again:
// an alert arrives at least once, always under the same id.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "notify/alert.hpp"

namespace bullpen::notify {

enum class Target : std::uint8_t { command, webhook, smtp };
inline constexpr std::size_t k_targets = 3;
std::string_view code(Target target);
std::optional<Target> target_from(std::string_view word);

enum class Form : std::uint8_t {
    full,
    brief,  // of one text message
};
std::string_view code(Form form);
std::optional<Form> form_from(std::string_view word);

struct Delivery {
    std::uint64_t number = 0;
    Alert alert;
    Target target{};
    Form form = Form::full;
    std::vector<std::string> recipients;  // of mail
    UtcTime added{};
    UtcTime next{};  // not before
    std::uint32_t attempts = 0;
    std::string trouble;  // of the last attempt
    friend bool operator==(const Delivery&, const Delivery&) = default;
};

struct OutboxLimits {
    std::size_t most = 500;
    Nanos give_up_after = std::chrono::hours(24);
};

struct OutboxState {
    std::vector<Delivery> waiting;  // in the order in which they came
    std::uint64_t last_number = 0;
    std::uint64_t given_up = 0;  // since the last alert that told of it
    friend bool operator==(const OutboxState&, const OutboxState&) = default;
};

class Outbox {
  public:
    static constexpr Nanos k_retry_first = std::chrono::seconds(5);
    static constexpr Nanos k_retry_max = std::chrono::minutes(30);

    explicit Outbox(OutboxLimits limits = {}, OutboxState state = {})
        : limits_(limits), state_(std::move(state)) {}

    void set_limits(OutboxLimits limits) { limits_ = limits; }

    // Returns what had to give way, maybe itself.
    std::vector<Delivery> add(Delivery delivery, UtcTime now);
    // The next one to be sent to a target that has none under way.
    std::optional<Delivery> take(Target target, UtcTime now);
    // How an attempt ended. What is not known any more gave way meanwhile.
    void delivered(std::uint64_t number);
    enum class Blame : std::uint8_t {
        delivery,  // the target answered, and does not take this one
        target,    // it does not answer
    };
    void failed(std::uint64_t number, const std::string& trouble, Blame blame, UtcTime now);
    // What is too old to be sent.
    std::vector<Delivery> expire(UtcTime now);
    // What is for a target that there is no more.
    std::vector<Delivery> drop(Target target);

    [[nodiscard]] std::optional<UtcTime> next_due(UtcTime now) const;
    [[nodiscard]] bool is_busy(Target target) const { return busy(target) != 0; }
    [[nodiscard]] const OutboxState& state() const { return state_; }
    // How many were given up since this was asked last.
    std::uint64_t take_given_up() { return std::exchange(state_.given_up, 0); }

  private:
    [[nodiscard]] std::uint64_t busy(Target target) const {
        return under_way_.at(static_cast<std::size_t>(target));
    }
    [[nodiscard]] bool is_under_way(const Delivery& delivery) const {
        return busy(delivery.target) == delivery.number;
    }
    void end(std::uint64_t number);
    // Takes out what the condition holds for and is not under way.
    template <class Condition>
    std::vector<Delivery> give_up(Condition condition);
    // Whose attempt may begin now.
    [[nodiscard]] bool is_due(const Delivery& delivery, UtcTime now) const;

    OutboxLimits limits_;
    OutboxState state_;
    // Not saved: nothing is under way in a new process, and a target that was down may be back.
    std::array<std::uint64_t, k_targets> under_way_{};
    std::array<std::uint32_t, k_targets> failures_{};  // in a row
    std::array<UtcTime, k_targets> rests_until_{};
};

// The wait after so many failures in a row: k_retry_first, doubled each time.
Nanos retry_wait(std::uint32_t failures);

}  // namespace bullpen::notify
