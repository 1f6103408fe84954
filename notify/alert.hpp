// Alert: one thing that a person may be told of. A plain value; its id says what it was made of, so
// that the same happening read twice is the same alert.
#pragma once

#include <cstdint>
#include <string>

#include "common/alerts/catalogue.hpp"
#include "common/base/clock.hpp"

namespace bullpen::notify {

using alerts::Kind;
using alerts::Severity;

inline constexpr std::size_t k_text_max = 1000;     // bytes
inline constexpr std::size_t k_subject_max = 64;    // bytes
inline constexpr std::size_t k_recap_max = 60'000;  // bytes: a line for each account

struct Alert {
    std::string id;
    Kind kind{};
    std::string account;  // empty: of the home
    std::string subject;  // what of the account: an order's trouble, a job, a limit
    std::string text;     // the particulars, for people
    std::string advice;   // empty: the kind's own
    UtcTime at{};
    // Its like that were counted since `since` and are told with it.
    std::uint64_t more = 0;
    UtcTime since{};

    [[nodiscard]] Severity severity() const { return alerts::facts(kind).severity; }
    friend bool operator==(const Alert&, const Alert&) = default;
};

// Of what is to be told of it, cut to what is kept.
Alert make_alert(Kind kind, UtcTime at, std::string account, std::string_view text,
                 std::string_view subject = {});
// Deliveries were given up; `trouble` is the last one with a target, or empty.
Alert lost_alert(std::uint64_t deliveries, const std::string& trouble, UtcTime now);
// An operator tests a target; of an account, or of the home.
Alert test_alert(std::string account, UtcTime now);
// Sixteen hex digits of all that makes the alert, and of where it was found.
std::string id_of(const Alert& alert, std::string_view origin);

}  // namespace bullpen::notify
