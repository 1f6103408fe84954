// What an alert says: as a mail, as one text message, as JSON. Pure. Nothing in an alert's text can
// end a header or a line of the protocol.
#pragma once

#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "notify/outbox.hpp"

namespace bullpen::notify {

inline constexpr std::size_t k_brief_max = 140;  // bytes

// "CRITICAL crash_loop mes01: it died more often than its budget allows"
std::string headline(const Alert& alert);
// The same within one text message.
std::string brief(const Alert& alert);
// What is told beside the headline: what to do, how many more.
std::string body(const Alert& alert, const std::string& home);
// {"v":1,"id":..,"alert":..,"severity":..,"home":..,"account":..,"subject":..,"text":..,
//  "advice":..,"at":..,"more":..,"since":..}
std::string json(const Alert& alert, const std::string& home);

// The text of a mail by RFC 5322, lines ending in CRLF. `from` and the recipients are addresses
// that the settings' rules have let pass.
std::string mail(const Delivery& delivery, const std::string& from, const std::string& home,
                 UtcTime now);
// "sms:5551234567@gateway.example.org" without what stands in front.
std::string address_of(const std::string& recipient);

}  // namespace bullpen::notify
