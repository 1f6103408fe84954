#include "common/vault/standing.hpp"

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/vault/broker_fields.hpp"

namespace bullpen::vault {

namespace {

std::string to_set(const config::AccountSettings& settings, const std::string& field) {
    return "; bullpenctl credentials set " + settings.id.str() + (field.empty() ? "" : " ") + field;
}

// What keeps the account from starting although its file opens, or nothing.
std::string lack(const config::AccountSettings& settings, const SealedFile* file,
                 const std::vector<std::string>& needed, UtcTime now) {
    std::string missing;
    std::string first;
    for (const auto& name : needed) {
        const auto* field = file != nullptr ? file->find(name) : nullptr;
        if (field == nullptr) {
            missing += (missing.empty() ? "" : ", ") + name;
            first = first.empty() ? name : first;
        } else if (field->expires && *field->expires <= now) {
            return "its " + name + " ended at " + format_utc(*field->expires) +
                   to_set(settings, name);
        }
    }
    if (missing.empty())
        return {};
    return "it has no " + missing + " for " + settings.broker +
           to_set(settings, missing == first ? first : "");
}

// Those that it needs, and those that it has beside them and its broker knows.
std::vector<std::string> counted_fields(const config::AccountSettings& settings,
                                        const SealedFile* file) {
    auto counted = needed_fields(settings, file != nullptr);
    const auto* rule = file != nullptr ? find_broker(settings.broker) : nullptr;
    for (const auto& field : rule != nullptr ? rule->fields : std::span<const FieldRule>()) {
        if (!field.required && file->find(field.name) != nullptr)
            counted.emplace_back(field.name);
    }
    return counted;
}

}  // namespace

std::vector<std::string> needed_fields(const config::AccountSettings& settings, bool has_sealed) {
    std::vector<std::string> needed;
    for (const auto& variable : settings.credentials_environment)
        needed.push_back(variable.substr(variable.find('=') + 1));
    const bool ours = settings.command.empty();
    if (const auto* rule = find_broker(settings.broker);
        rule != nullptr && (ours || has_sealed || !needed.empty())) {
        for (const auto& field : rule->fields) {
            if (field.required)
                needed.emplace_back(field.name);
        }
    }
    std::sort(needed.begin(), needed.end());
    needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
    return needed;
}

std::array<model::Reason, 2> Standing::gates() const {
    using model::Reason;
    if (reason == Reason::token_missing)
        return {Reason::token_missing, Reason::vault_locked};
    return {Reason::vault_locked, Reason::token_missing};
}

Standing standing(const config::AccountSettings& settings,
                  const Result<std::optional<SealedFile>>& file, const KeyRing* keys,
                  const std::string& locked, UtcTime now) {
    using enum model::Reason;
    Standing result;
    if (!file)
        return {token_missing, file.error().message() + to_set(settings, ""), {}, false, {}};
    result.sealed = file->has_value();
    const auto* sealed = result.sealed ? &**file : nullptr;
    const auto counted = counted_fields(settings, sealed);
    if (sealed != nullptr && keys == nullptr)
        return {vault_locked, locked, {}, true, {}};
    if (sealed != nullptr) {
        if (const auto opened = check(*sealed, *keys, settings.id); !opened) {
            // A key that is not there may come; a file that does not open is to be set anew.
            const bool key = opened.error().code() == Errc::not_found;
            return {key ? vault_locked : token_missing,
                    "secrets/" + settings.id.str() + ".sealed: " + opened.error().context() +
                        (key ? "" : to_set(settings, "")),
                    {},
                    true,
                    {}};
        }
    }
    if (auto why = lack(settings, sealed, counted, now); !why.empty()) {
        result.reason = token_missing;
        result.detail = std::move(why);
        return result;
    }
    for (const auto& name : counted) {
        const auto& ends = sealed->find(name)->expires;
        if (ends && (!result.good_until || *ends < *result.good_until)) {
            result.good_until = ends;
            result.ends_first = name;
        }
    }
    return result;
}

}  // namespace bullpen::vault
