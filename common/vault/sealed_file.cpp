#include "common/vault/sealed_file.hpp"

#include <algorithm>
#include <charconv>

#include "common/base/errc.hpp"
#include "common/base/hex.hpp"
#include "common/vault/sodium.hpp"
#include "common/vault/word_reader.hpp"

namespace bullpen::vault {

namespace {

constexpr std::string_view k_head = "bullpen-sealed ";
constexpr std::string_view k_version = "1";
constexpr std::string_view k_never = "never";
constexpr std::string_view k_mac = "mac ";

Unexpected damaged(const std::string& what) {
    return fail(Errc::corrupt, what);
}

std::string expiry_text(const std::optional<UtcTime>& expires) {
    return expires ? format_utc(*expires) : std::string(k_never);
}

// What a sealed value belongs to, in lines that none of the parts can hold an end of.
std::string associated_data(const AccountId& account, const SealedField& field,
                            const std::string& key_id) {
    return std::string(k_head) + std::string(k_version) + "\n" + account.str() + "\n" + field.name +
           "\n" + format_utc(field.set) + "\n" + expiry_text(field.expires) + "\n" + key_id + "\n";
}

std::string text_without_mac(const SealedFile& file) {
    std::string text = std::string(k_head) + std::string(k_version) + "\naccount " +
                       file.account.str() + " generation " + std::to_string(file.generation) +
                       " key " + file.key_id + "\n";
    for (const auto& field : file.fields) {
        text += "field " + field.name + " set " + format_utc(field.set) + " expires " +
                expiry_text(field.expires) + " nonce " + hex(field.nonce) + " sealed " +
                hex(field.sealed) + "\n";
    }
    return text;
}

std::optional<std::string> bytes_of(std::optional<std::string_view> word, std::size_t least,
                                    std::size_t most) {
    auto bytes = word ? bytes_from_hex(*word) : std::nullopt;
    if (!bytes || bytes->size() < least || bytes->size() > most)
        return std::nullopt;
    return bytes;
}

// As format_utc writes it, and no other way of writing the same.
std::optional<UtcTime> time_of(std::optional<std::string_view> word) {
    if (!word)
        return std::nullopt;
    const auto time = parse_utc(*word);
    if (!time || format_utc(*time) != *word)
        return std::nullopt;
    return *time;
}

std::optional<SealedField> read_field(WordReader& reader) {
    SealedField field;
    const auto name = reader.until(' ');
    if (!name || !is_field_name(*name) || !reader.take("set "))
        return std::nullopt;
    field.name = *name;
    const auto set = time_of(reader.until(' '));
    if (!set || !reader.take("expires "))
        return std::nullopt;
    field.set = *set;
    const auto expires = reader.until(' ');
    if (expires != k_never) {
        field.expires = time_of(expires);
        if (!field.expires)
            return std::nullopt;
    }
    if (!reader.take("nonce "))
        return std::nullopt;
    auto nonce = bytes_of(reader.until(' '), sodium::k_nonce_bytes, sodium::k_nonce_bytes);
    if (!nonce || !reader.take("sealed "))
        return std::nullopt;
    auto sealed =
        bytes_of(reader.until('\n'), sodium::k_tag_bytes + 1, sodium::k_tag_bytes + k_value_max);
    if (!sealed)
        return std::nullopt;
    field.nonce = std::move(*nonce);
    field.sealed = std::move(*sealed);
    return field;
}

Result<SealedFile> read_head(WordReader& reader) {
    if (!reader.take(k_head))
        return damaged("it does not begin as a sealed file does");
    const auto version = reader.until('\n');
    if (!version)
        return damaged("it ends in its first line");
    if (*version != k_version) {
        return fail(Errc::newer_version,
                    "it is of another version than this program reads, which is 1");
    }
    const auto bad = [] { return damaged("its second line is not account, generation and key"); };
    if (!reader.take("account "))
        return bad();
    const auto name = reader.until(' ');
    auto account = name ? AccountId::parse(*name) : fail(Errc::invalid, "");
    if (!account || !reader.take("generation "))
        return bad();
    SealedFile file{std::move(*account), 0, {}, {}, {}};
    const auto number = reader.until(' ').value_or("");
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), file.generation);
    if (error != std::errc() || end != number.data() + number.size() ||
        std::to_string(file.generation) != number || !reader.take("key "))
        return bad();
    const auto key = reader.until('\n');
    if (!bytes_of(key, VaultKey::k_id_length / 2, VaultKey::k_id_length / 2))
        return bad();
    file.key_id = *key;
    return file;
}

}  // namespace

const SealedField* SealedFile::find(std::string_view name) const {
    const auto found = std::find_if(fields.begin(), fields.end(), [name](const SealedField& field) {
        return field.name == name;
    });
    return found == fields.end() ? nullptr : &*found;
}

Result<SealedFile> parse_sealed(std::string_view text) {
    if (text.size() > k_sealed_file_max)
        return fail(Errc::too_large, "it is larger than a sealed file can be");
    WordReader reader(text);
    BULLPEN_TRY(SealedFile file, read_head(reader));
    while (reader.take("field ")) {
        auto field = read_field(reader);
        const auto line = std::to_string(file.fields.size() + 3);
        if (!field)
            return damaged("line " + line + " is no sealed field");
        if (!file.fields.empty() && file.fields.back().name >= field->name)
            return damaged("line " + line + " is out of order");
        if (file.fields.size() == k_fields_max)
            return damaged("it has more fields than an account may have");
        file.fields.push_back(std::move(*field));
    }
    if (!reader.take(k_mac))
        return damaged("its last line is missing: it was cut short");
    auto mac = bytes_of(reader.until('\n'), sodium::k_hash_bytes, sodium::k_hash_bytes);
    if (!mac || !reader.at_end())
        return damaged("its last line is not as it was written");
    file.mac = std::move(*mac);
    return file;
}

std::string format(const SealedFile& file) {
    return text_without_mac(file) + std::string(k_mac) + hex(file.mac) + "\n";
}

SealedFile seal(const Credentials& credentials, const VaultKey& key) {
    SealedFile file{credentials.account(), credentials.generation(), key.id(), {}, {}};
    for (const auto& field : credentials.fields()) {
        SealedField sealed{field.name, field.set, field.expires, {}, {}};
        sealed.nonce.resize(sodium::k_nonce_bytes);
        sodium::fill_with_chance(sealed.nonce);
        sealed.sealed =
            sodium::seal(field.value.reveal(), associated_data(file.account, sealed, file.key_id),
                         sealed.nonce, key.for_fields());
        file.fields.push_back(std::move(sealed));
    }
    file.mac = sodium::mac(text_without_mac(file), key.for_files());
    return file;
}

Result<void> check(const SealedFile& file, const KeyRing& keys, const AccountId& account) {
    if (file.account != account) {
        return fail(Errc::wrong_account, "it is sealed for account '" + file.account.str() +
                                             "' and not for '" + account.str() +
                                             "': files were swapped or renamed by hand");
    }
    const auto* key = keys.find(file.key_id);
    if (key == nullptr) {
        return fail(Errc::not_found, "it is sealed by key " + file.key_id +
                                         ", and the vault's key is " + keys.current().id());
    }
    if (!sodium::same(file.mac, sodium::mac(text_without_mac(file), key->for_files()))) {
        return fail(Errc::corrupt,
                    "it is not as it was sealed: it was changed, or belongs to another account");
    }
    return {};
}

Result<Credentials> open(const SealedFile& file, const KeyRing& keys, const AccountId& account) {
    BULLPEN_CHECK(check(file, keys, account));
    const auto* key = keys.find(file.key_id);
    Credentials credentials(account);
    credentials.set_generation(file.generation);
    for (const auto& sealed : file.fields) {
        Field field{sealed.name, Secret::of_size(sealed.sealed.size() - sodium::k_tag_bytes),
                    sealed.set, sealed.expires};
        if (!sodium::open(sealed.sealed, associated_data(account, sealed, file.key_id),
                          sealed.nonce, key->for_fields(), field.value.writable()))
            return fail(Errc::corrupt, "its field " + sealed.name + " does not open");
        BULLPEN_CHECK(credentials.put(std::move(field)));
    }
    return credentials;
}

}  // namespace bullpen::vault
