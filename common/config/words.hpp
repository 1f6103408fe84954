// The words of each enumeration of the settings, in the order of its enumerators.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "common/config/settings.hpp"

namespace bullpen::config {

template <class Enum>
struct Words;

template <>
struct Words<HeartbeatKind> {
    static constexpr std::array<std::string_view, 2> k_all = {"none", "zmq"};
};
template <>
struct Words<RestartRule> {
    static constexpr std::array<std::string_view, 3> k_all = {"always", "unexpected", "never"};
};
template <>
struct Words<RecoveryPolicy> {
    static constexpr std::array<std::string_view, 3> k_all = {"none", "protect", "flatten"};
};
template <>
struct Words<SignalsKind> {
    static constexpr std::array<std::string_view, 2> k_all = {"own", "shared"};
};
template <>
struct Words<TradingKind> {
    static constexpr std::array<std::string_view, 4> k_all = {"off", "shadow", "on", "shares"};
};
template <>
struct Words<ShareOrderKind> {
    static constexpr std::array<std::string_view, 2> k_all = {"limit", "market"};
};
template <>
struct Words<Unprotected> {
    static constexpr std::array<std::string_view, 2> k_all = {"close", "alarm"};
};
template <>
struct Words<WatchRule> {
    static constexpr std::array<std::string_view, 3> k_all = {"previous_low", "two_lows", "atr"};
};
template <>
struct Words<Opposite> {
    static constexpr std::array<std::string_view, 3> k_all = {"allow", "flag", "refuse"};
};
template <>
struct Words<AtStop> {
    static constexpr std::array<std::string_view, 3> k_all = {"flatten", "leave_protected",
                                                              "refuse"};
};
template <>
struct Words<OnUnexpected> {
    static constexpr std::array<std::string_view, 4> k_all = {"alert", "adopt", "protect",
                                                              "flatten"};
};
template <>
struct Words<OnUnknown> {
    static constexpr std::array<std::string_view, 3> k_all = {"slots", "block", "trade"};
};
template <>
struct Words<CalendarRefresh> {
    static constexpr std::array<std::string_view, 3> k_all = {"off", "monthly", "daily"};
};
template <>
struct Words<alerts::Severity> {
    static constexpr std::array<std::string_view, 3> k_all = {"info", "warning", "critical"};
};
template <>
struct Words<FeedKind> {
    static constexpr std::array<std::string_view, 2> k_all = {"synthetic", "replay"};
};
template <>
struct Words<BarLabel> {
    static constexpr std::array<std::string_view, 2> k_all = {"start", "end"};
};
template <>
struct Words<DateOrder> {
    static constexpr std::array<std::string_view, 3> k_all = {"unstated", "month_first",
                                                              "day_first"};
};
template <>
struct Words<VaultSource> {
    static constexpr std::array<std::string_view, 3> k_all = {"file", "systemd", "passphrase"};
};
template <>
struct Words<WorkerUsers> {
    static constexpr std::array<std::string_view, 2> k_all = {"home", "account"};
};
template <>
struct Words<LogLevel> {
    static constexpr std::array<std::string_view, 4> k_all = {"debug", "info", "warn", "error"};
};

template <>
struct Words<StopKind> {
    static constexpr std::array<std::string_view, 2> k_all = {"ticks", "atr"};
};

template <>
struct Words<ApproachMode> {
    static constexpr std::array<std::string_view, 3> k_all = {"none", "scale", "off"};
};
template <>
struct Words<DrawdownModel> {
    static constexpr std::array<std::string_view, 3> k_all = {"fixed", "end_of_day", "intraday"};
};

template <class Enum>
constexpr std::string_view word(Enum value) {
    return Words<Enum>::k_all[static_cast<std::size_t>(value)];
}

template <class Enum>
constexpr std::optional<Enum> from_word(std::string_view text) {
    for (std::size_t i = 0; i < Words<Enum>::k_all.size(); ++i) {
        if (Words<Enum>::k_all[i] == text)
            return static_cast<Enum>(i);
    }
    return std::nullopt;
}

}  // namespace bullpen::config
