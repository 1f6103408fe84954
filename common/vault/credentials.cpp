#include "common/vault/credentials.hpp"

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/base/utf8.hpp"
#include "common/config/rules.hpp"

namespace bullpen::vault {

namespace {

UtcTime whole_millis(UtcTime time) {
    return std::chrono::floor<Millis>(time);
}

auto place(std::vector<Field>& fields, std::string_view name) {
    return std::lower_bound(fields.begin(), fields.end(), name,
                            [](const Field& field, std::string_view other) {
                                return std::string_view(field.name) < other;
                            });
}

}  // namespace

bool is_field_name(std::string_view text) {
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return !text.empty() && text.size() <= k_field_name_max && letter(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

Result<void> check_value(std::string_view field, const Secret& value) {
    const auto wrong = [field](const std::string& what) {
        return fail(Errc::invalid, "the value of " + std::string(field) + " " + what);
    };
    if (value.empty())
        return wrong("is empty");
    if (value.size() > k_value_max)
        return wrong("has more than " + std::to_string(k_value_max) + " bytes");
    for (auto rest = value.reveal(); !rest.empty();) {
        const auto first = static_cast<unsigned char>(rest.front());
        const bool blank = first == '\t' || first == '\n' || first == '\r';
        const auto length = character_length(rest);
        if (length == 0)
            return wrong("is not text in UTF-8");
        if ((first < 0x20 && !blank) || first == 0x7F)
            return wrong("has a control character in it");
        rest.remove_prefix(length);
    }
    return {};
}

const Field* Credentials::find(std::string_view name) const {
    const auto found = std::find_if(fields_.begin(), fields_.end(),
                                    [name](const Field& field) { return field.name == name; });
    return found == fields_.end() ? nullptr : &*found;
}

Result<void> Credentials::put(Field field) {
    if (!is_field_name(field.name)) {
        return fail(Errc::invalid,
                    "the name of a field is a-z, 0-9 and '_', a letter first, 32 at most");
    }
    BULLPEN_CHECK(check_value(field.name, field.value));
    std::size_t bytes = field.value.size();
    for (const auto& other : fields_)
        bytes += other.name == field.name ? 0 : other.value.size();
    if (bytes > k_values_max)
        return fail(Errc::exhausted, "the credentials of an account have 16 KiB at most");
    field.set = whole_millis(field.set);
    if (field.expires)
        field.expires = whole_millis(*field.expires);
    const auto at = place(fields_, field.name);
    if (at != fields_.end() && at->name == field.name) {
        *at = std::move(field);
        return {};
    }
    if (fields_.size() == k_fields_max)
        return fail(Errc::exhausted, "the credentials of an account have 16 fields at most");
    fields_.insert(at, std::move(field));
    return {};
}

bool Credentials::remove(std::string_view name) {
    const auto at = place(fields_, name);
    if (at == fields_.end() || at->name != name)
        return false;
    fields_.erase(at);
    return true;
}

}  // namespace bullpen::vault
