// Which credentials each kind of broker needs, as a table. A broker that is not in it takes any
// fields and needs none. Pure.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "common/base/clock.hpp"

namespace bullpen::vault {

// How long a value is good for when nobody says otherwise.
enum class Lifetime {
    lasting,       // until it is replaced
    until_six_ist  // until the next 06:00 in India, when the broker ends every session
};

struct FieldRule {
    std::string_view name;
    bool required = true;
    Lifetime lifetime = Lifetime::lasting;
    std::string_view text;  // what it is, for people
};

struct BrokerRule {
    std::string_view broker;
    std::span<const FieldRule> fields;
};

// Every broker that is known, by name.
std::span<const BrokerRule> broker_rules();
// Null when the broker is not in the table.
const BrokerRule* find_broker(std::string_view broker);
const FieldRule* find_field(const BrokerRule& rule, std::string_view name);

// When a value that is set now ends by itself.
std::optional<UtcTime> default_expiry(Lifetime lifetime, UtcTime now);
// The same by the names of broker and field; none of what is not known.
std::optional<UtcTime> usual_expiry(std::string_view broker, std::string_view field, UtcTime now);

}  // namespace bullpen::vault
