#include "notify/alert.hpp"

#include <array>

#include "common/base/utf8.hpp"

namespace bullpen::notify {

namespace {

constexpr std::uint64_t k_offset = 0xcbf29ce484222325;  // FNV-1a
constexpr std::uint64_t k_prime = 0x100000001b3;

void mix(std::uint64_t& hash, std::string_view text) {
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= k_prime;
    }
    hash ^= 0xff;  // which no UTF-8 has: "ab" + "c" is not "a" + "bc"
    hash *= k_prime;
}

}  // namespace

Alert make_alert(Kind kind, UtcTime at, std::string account, std::string_view text,
                 std::string_view subject) {
    const auto most = kind == Kind::recap ? k_recap_max : k_text_max;
    Alert alert;
    alert.kind = kind;
    alert.at = at;
    alert.account = std::move(account);
    alert.text = cut_utf8(text, most);
    alert.subject = cut_utf8(subject, k_subject_max);
    return alert;
}

Alert lost_alert(std::uint64_t deliveries, const std::string& trouble, UtcTime now) {
    return make_alert(Kind::alerts_lost, now, {},
                      std::to_string(deliveries) + " deliveries of alerts were given up" +
                          (trouble.empty() ? "" : "; the last trouble: " + trouble));
}

Alert test_alert(std::string account, UtcTime now) {
    auto alert = make_alert(Kind::test, now, std::move(account),
                            "this is a test; if you read it, alerts reach you");
    alert.id = id_of(alert, "test");
    return alert;
}

std::string id_of(const Alert& alert, std::string_view origin) {
    constexpr std::string_view k_digits = "0123456789abcdef";
    std::uint64_t hash = k_offset;
    mix(hash, alerts::code(alert.kind));
    mix(hash, alert.account);
    mix(hash, alert.subject);
    mix(hash, alert.text);
    mix(hash, format_utc_nanos(alert.at));
    mix(hash, origin);
    std::string id;
    for (int shift = 60; shift >= 0; shift -= 4)
        id += k_digits[hash >> static_cast<unsigned>(shift) & 0xfU];
    return id;
}

}  // namespace bullpen::notify
