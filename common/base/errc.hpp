// The error codes of the common libraries that a caller branches on. Anything the operating system
// says keeps its errno, in the generic category.
#pragma once

#include <system_error>

namespace bullpen {

enum class Errc {
    invalid = 1,    // the input breaks a rule; the context says which
    not_found,      // the thing asked for does not exist
    locked,         // somebody else holds it; the context names the holder
    wrong_account,  // the data belongs to another account
    newer_version,  // written by a newer version than this program understands
    corrupt,        // checksum or shape is wrong
    too_large,      // over a stated limit
    timed_out,      // a deadline passed
    refused,        // the other side said no; the context says why
    unavailable,    // the other side is not there now
    exhausted,      // a budget or a table is full
};

std::error_code make_error_code(Errc code);

}  // namespace bullpen

template <>
struct std::is_error_code_enum<bullpen::Errc> : std::true_type {};
