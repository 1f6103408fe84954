// What the simulation alone does inside the order manager: it plants defects, one at a time, to
// prove that it would find them. Only the simulation's own build of these sources defines
// BULLPEN_PLANTED_DEFECTS; in every other build planted() is false at compile time and nothing of
// this remains.
#pragma once

#include <cstdint>

namespace bullpen::execution {

// What each of them is, is said where they are named: tests/simulation/execution/defects.cpp.
enum class Defect : std::uint8_t {
    none,
    fill_counted_twice,
    unknown_sent_again,
    stop_deleted_first,
    exit_beside_stop,
    orders_left_behind,
    stop_does_not_grow,
    restart_forgets,
    refused_cancel_believed,
    missed_fills_not_asked,
    sent_before_recorded,
    pending_stop_believed,
    missing_stop_believed,
    count_
};

#ifdef BULLPEN_PLANTED_DEFECTS
inline Defect planted_defect = Defect::none;
inline bool planted(Defect defect) {
    return planted_defect == defect;
}
#else
constexpr bool planted(Defect) {
    return false;
}
#endif

}  // namespace bullpen::execution
