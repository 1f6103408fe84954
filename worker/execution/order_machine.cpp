#include "worker/execution/order_machine.hpp"

#include <algorithm>

#include "common/base/assert.hpp"

namespace bullpen::execution {

namespace {

using Cell = std::optional<Step>;

constexpr std::array<std::string_view, k_statuses> k_status_codes{
    "created",     "denied",     "intended",  "sent",   "unknown",   "not_sent", "working",
    "part_filled", "cancelling", "replacing", "filled", "cancelled", "rejected", "expired"};

// What a cell says. `stay` keeps the status of its column; the rest name the one that follows. An
// upper-case letter behind it is an action: A ask, S stray, X alarm.
struct Word {
    Status status = {};
    bool stays = false;
    bool impossible = false;
    StepActions actions = {};
};

// NOLINTBEGIN(readability-identifier-naming)
constexpr Word ____ = {.impossible = true};
constexpr Word stay = {.stays = true};
constexpr Word stay_A = {.stays = true, .actions = {.ask = true}};
constexpr Word stay_X = {.stays = true, .actions = {.alarm = true}};
constexpr Word denied = {Status::denied};
constexpr Word intend = {Status::intended};
constexpr Word sent = {Status::sent};
constexpr Word unkn_A = {Status::unknown, false, false, {.ask = true}};
constexpr Word not_s = {Status::not_sent};
constexpr Word work = {Status::working};
constexpr Word work_A = {Status::working, false, false, {.ask = true}};
constexpr Word work_X = {Status::working, false, false, {.alarm = true}};
constexpr Word work_S = {Status::working, false, false, {.stray = true, .alarm = true}};
constexpr Word part = {Status::part_filled};
constexpr Word part_S = {Status::part_filled, false, false, {.stray = true, .alarm = true}};
constexpr Word canc = {Status::cancelling};
constexpr Word repl = {Status::replacing};
constexpr Word fill = {Status::filled};
constexpr Word fill_X = {Status::filled, false, false, {.alarm = true}};
constexpr Word cncd = {Status::cancelled};
constexpr Word rejd = {Status::rejected};
constexpr Word expd = {Status::expired};
constexpr Word expd_X = {Status::expired, false, false, {.alarm = true}};
// NOLINTEND(readability-identifier-naming)

struct Row {
    OrderEvent event;
    std::string_view code;
    std::array<Word, k_statuses> words;
};

// clang-format off
constexpr std::array<Row, k_order_events> k_table = {{
    //  created  denied  intended sent    unknown not_sent working part_filled cancelling replacing filled cancelled rejected expired
    {OrderEvent::deny, "deny",
     {denied, ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____}},
    {OrderEvent::intend, "intend",
     {intend, ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____}},
    {OrderEvent::send, "send",
     {____,   ____,   sent,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____}},
    {OrderEvent::cancel, "cancel",
     {____,   ____,   ____,   ____,   ____,   ____,   canc,   canc,   ____,   ____,   ____,   ____,   ____,   ____}},
    {OrderEvent::replace, "replace",
     {____,   ____,   ____,   ____,   ____,   ____,   repl,   repl,   ____,   ____,   ____,   ____,   ____,   ____}},
    {OrderEvent::restarted, "restarted",
     {____,   stay,   unkn_A, unkn_A, unkn_A, stay,   stay_A, stay_A, unkn_A, unkn_A, stay,   stay,   stay,   stay}},
    {OrderEvent::accepted, "accepted",
     {stay_X, stay_X, work_X, work,   work,   work_S, stay,   stay,   stay,   stay,   stay,   stay,   stay,   stay}},
    {OrderEvent::refused, "refused",
     {stay_X, stay_X, rejd,   rejd,   rejd,   stay,   stay_A, stay_A, stay_A, stay_A, stay,   stay,   stay,   stay}},
    {OrderEvent::not_sent, "not_sent",
     {stay_X, stay_X, not_s,  not_s,  not_s,  stay,   stay_A, stay_A, stay_A, stay_A, stay,   stay,   stay,   stay}},
    {OrderEvent::unknown, "unknown",
     {stay_X, stay_X, unkn_A, unkn_A, stay,   stay,   stay,   stay,   stay,   stay,   stay,   stay,   stay,   stay}},
    {OrderEvent::cancel_accepted, "cancel_accepted",
     {stay_X, stay_X, stay_X, stay_X, stay,   stay,   stay_A, stay_A, stay,   stay_A, stay,   stay,   stay,   stay}},
    {OrderEvent::cancel_refused, "cancel_refused",
     {stay_X, stay_X, stay_X, stay_X, stay_A, stay,   stay_A, stay_A, unkn_A, stay_A, stay,   stay,   stay,   stay}},
    {OrderEvent::cancel_not_sent, "cancel_not_sent",
     {stay_X, stay_X, stay_X, stay_X, stay,   stay,   stay,   stay,   work,   stay,   stay,   stay,   stay,   stay}},
    {OrderEvent::cancel_unknown, "cancel_unknown",
     {stay_X, stay_X, stay_X, stay_X, stay_A, stay,   stay_A, stay_A, unkn_A, stay_A, stay,   stay,   stay,   stay}},
    {OrderEvent::replace_accepted, "replace_accepted",
     {stay_X, stay_X, stay_X, stay_X, stay_A, stay,   stay_A, stay_A, stay_A, work,   stay,   stay,   stay,   stay}},
    {OrderEvent::replace_refused, "replace_refused",
     {stay_X, stay_X, stay_X, stay_X, stay_A, stay,   stay_A, stay_A, stay_A, work_A, stay,   stay,   stay,   stay}},
    {OrderEvent::replace_not_sent, "replace_not_sent",
     {stay_X, stay_X, stay_X, stay_X, stay,   stay,   stay,   stay,   stay,   work,   stay,   stay,   stay,   stay}},
    {OrderEvent::replace_unknown, "replace_unknown",
     {stay_X, stay_X, stay_X, stay_X, stay_A, stay,   stay_A, stay_A, stay_A, unkn_A, stay,   stay,   stay,   stay}},
    {OrderEvent::seen_live, "seen_live",
     {stay_X, stay_X, work_X, work,   work,   work_S, stay,   stay,   stay,   stay,   stay,   stay,   stay,   stay}},
    {OrderEvent::seen_filled, "seen_filled",
     {stay_X, stay_X, fill_X, fill,   fill,   fill_X, fill,   fill,   fill,   fill,   stay,   stay_A, stay_A, stay_A}},
    {OrderEvent::seen_cancelled, "seen_cancelled",
     {stay_X, stay_X, cncd,   cncd,   cncd,   cncd,   cncd,   cncd,   cncd,   cncd,   stay,   stay,   stay,   stay}},
    {OrderEvent::seen_rejected, "seen_rejected",
     {stay_X, stay_X, rejd,   rejd,   rejd,   rejd,   rejd,   rejd,   rejd,   rejd,   stay,   stay,   stay,   stay}},
    {OrderEvent::seen_expired, "seen_expired",
     {stay_X, stay_X, expd,   expd,   expd,   expd,   expd,   expd,   expd,   expd,   stay,   stay,   stay,   stay}},
    {OrderEvent::part_fill, "part_fill",
     {stay_X, stay_X, part,   part,   part,   part_S, part,   stay,   stay,   stay,   stay,   stay,   stay_X, stay}},
    {OrderEvent::last_fill, "last_fill",
     {stay_X, stay_X, fill,   fill,   fill,   fill_X, fill,   fill,   fill,   fill,   stay,   fill,   fill_X, fill}},
    {OrderEvent::missing, "missing",
     {____,   ____,   ____,   ____,   ____,   ____,   unkn_A, unkn_A, unkn_A, unkn_A, ____,   ____,   ____,   ____}},
    {OrderEvent::absent, "absent",
     {____,   ____,   ____,   ____,   not_s,  ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____}},
    {OrderEvent::vanished, "vanished",
     {____,   ____,   ____,   ____,   expd_X, ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____,   ____}},
}};
// clang-format on

constexpr bool in_order() {
    for (std::size_t i = 0; i < k_order_events; ++i) {
        if (static_cast<std::size_t>(k_table[i].event) != i)
            return false;
    }
    return true;
}
static_assert(in_order(), "one row for each event, in the order of the enumeration");

}  // namespace

std::optional<Step> order_step(Status status, OrderEvent event) {
    BULLPEN_ASSERT(status < Status::count_ && event < OrderEvent::count_, "a pair of the table");
    const Word& word =
        k_table[static_cast<std::size_t>(event)].words[static_cast<std::size_t>(status)];
    if (word.impossible)
        return std::nullopt;
    return Step{word.stays ? status : word.status, word.actions};
}

std::string_view code(Status status) {
    return k_status_codes.at(static_cast<std::size_t>(status));
}

std::string_view code(OrderEvent event) {
    return k_table.at(static_cast<std::size_t>(event)).code;
}

std::optional<Status> status_from(std::string_view code) {
    const auto* const found = std::find(k_status_codes.begin(), k_status_codes.end(), code);
    if (found == k_status_codes.end())
        return std::nullopt;
    return static_cast<Status>(found - k_status_codes.begin());
}

}  // namespace bullpen::execution
