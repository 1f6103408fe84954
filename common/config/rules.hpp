// The shapes that texts in settings must have, and what gives a secret away.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bullpen::config {

// Anything that can be passed to a program: no zero byte.
bool is_argument(std::string_view text);
// Nothing that would move a cursor, hide or reorder what people see: no control characters, line
// separators or direction overrides. Expects UTF-8.
bool is_printable(std::string_view text);
// The text with a question mark for everything that is not printable; takes any bytes.
std::string made_printable(std::string_view text);
// Printable, without a blank at either end.
bool is_trimmed(std::string_view text);
// [A-Za-z0-9_.-], at most 32.
bool is_group(std::string_view text);
// [a-z0-9][a-z0-9_-]{0,31}
bool is_word(std::string_view text);
// [A-Z0-9]{1,16}
bool is_instrument(std::string_view text);
// "INFY, M&M,BAJAJ-AUTO": [A-Z0-9&-] with commas and blanks in between.
bool is_share_list(std::string_view text);
bool is_absolute_path(std::string_view text);
// Printable, no "..", so that a relative path stays below HOME.
bool is_contained_path(std::string_view text);
// "00:00" to "23:59".
bool is_time_of_day(std::string_view text);
// [A-Z0-9]{4}
bool is_order_tag(std::string_view text);
// "session", or "N bars" with N from 1 to 1440.
bool is_vwap_window(std::string_view text);
// Has the shape of an IANA name and is in the system's zone information.
bool is_time_zone(std::string_view text);
// [A-Za-z_][A-Za-z0-9_]*
bool is_environment_name(std::string_view text);
// "ZERODHA_API_KEY=api_key": a variable that may be set, and the name of a credential.
bool is_credential_variable(std::string_view text);
// A path that an account may be let reach: absolute, without "..", and not everything there is.
bool is_reach(std::string_view text);
// An entry of `read_paths`: such a path, or "names:" before it where names alone may be seen.
inline constexpr std::string_view k_names_alone = "names:";
bool names_alone(std::string_view text);
bool is_read_path(std::string_view text);
// A word of `permit`.
bool is_permission(std::string_view text);
// An IPv4 or IPv6 address in numbers, of one host and no network.
bool is_address(std::string_view text);
// "tcp://192.0.2.7:7070", "tcp://[2001:db8::7]:7070": an address in numbers, also that of all of
// this host's networks, and a port.
bool is_listen_endpoint(std::string_view text);
// "unix", or "tcp://127.0.0.1:9180", "tcp://[::1]:9180": of this host alone.
bool is_health_endpoint(std::string_view text);
// A user's name, or its number and perhaps its group's: "bot7", "2007", "2007:2000"; not root.
bool is_unix_user(std::string_view text);
// Names that Bullpen sets itself for every worker.
bool is_reserved_environment_name(std::string_view text);

// "botToken", "BOT_TOKEN" and "bot-token" are the words "bot", "token".
std::vector<std::string> words_of(std::string_view name);
// Whether a key, variable or option of this name would hold a secret: "password", "API_KEY",
// "botToken", "BROKERPWD", "user_pin"; not "token_file", which names a place, nor "spin".
bool looks_secret(std::string_view name);
// Whether one argument of a command carries a secret or announces one: "--password=x", "--token",
// "https://user:word@host".
bool argument_looks_secret(std::string_view argument);
// "https://user:word@host".
bool holds_credentials(std::string_view text);

}  // namespace bullpen::config
