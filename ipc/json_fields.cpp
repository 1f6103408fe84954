#include <algorithm>
#include <charconv>

#include "common/base/errc.hpp"
#include "ipc/json_reader.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::size_t k_excerpt_max = 60;
constexpr std::size_t k_type_max = 32;
constexpr std::int64_t k_envelope_number_max = 1'000'000;

}  // namespace

std::string excerpt(std::string_view text) {
    std::string result(text.substr(0, k_excerpt_max));
    if (text.size() > k_excerpt_max)
        result += "...";
    for (char& c : result) {
        if (static_cast<unsigned char>(c) < 0x20U || static_cast<unsigned char>(c) > 0x7EU)
            c = '?';
    }
    return result;
}

Result<std::string> read_envelope(const JsonDocument& document) {
    Fields fields(document, 0, "message");
    std::int64_t version = 0;
    std::string type;
    fields.whole("v", &version, 1, k_envelope_number_max, Need::required);
    BULLPEN_CHECK(fields.status());
    if (version > k_envelope) {
        return fail(Errc::newer_version, "a message of envelope version " +
                                             std::to_string(version) + ", this program knows " +
                                             std::to_string(k_envelope));
    }
    fields.code("type", &type, k_type_max, Need::required);
    BULLPEN_CHECK(fields.status());
    return type;
}

bool is_code(std::string_view text, std::size_t size_max) {
    if (text.empty() || text.size() > size_max || text[0] < 'a' || text[0] > 'z')
        return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

const JsonNode* Fields::find(std::string_view name, Need need, std::size_t* index) {
    if (!ok())
        return nullptr;
    const std::size_t end = document_->node(object_).next;
    const std::int64_t print = fingerprint(name);
    const auto scan = [&](std::size_t from, std::size_t to) -> const JsonNode* {
        for (std::size_t i = from; i < to; i = document_->node(i + 1).next) {
            if (document_->node(i).whole == print && document_->node(i).text == name) {
                cursor_ = document_->node(i + 1).next;
                if (index != nullptr)
                    *index = i + 1;
                return &document_->node(i + 1);
            }
        }
        return nullptr;
    };
    const std::size_t start = cursor_;
    const JsonNode* found = scan(start, end);
    if (found == nullptr)
        found = scan(object_ + 1, start);
    if (found != nullptr && found->kind != JsonKind::null)
        return found;
    if (need == Need::required) {
        error_ = Error(Errc::invalid, what_ + ": field '" + std::string(name) + "' is " +
                                          (found == nullptr ? "missing" : "null"));
    }
    return nullptr;
}

void Fields::fail_field(std::string_view name, std::string_view rule) {
    if (!ok())
        return;
    std::string sentence = what_ + ": field '" + std::string(name) + "' " + std::string(rule);
    if (const JsonNode* node = find(name, Need::optional))
        sentence += ", not " + excerpt(document_->source(*node));
    error_ = Error(Errc::invalid, std::move(sentence));
}

void Fields::fail_with(Error error) {
    if (ok())
        error_ = std::move(error);
}

Result<void> Fields::status() const {
    if (error_)
        return fail(*error_);
    return {};
}

void Fields::text(std::string_view name, std::string* out, std::size_t size_max, Need need) {
    const JsonNode* node = find(name, need);
    if (node == nullptr)
        return;
    if (node->kind != JsonKind::text || node->text.size() > size_max)
        return fail_field(name, "must be text of at most " + std::to_string(size_max) + " bytes");
    if (node->text.find('\0') != std::string_view::npos)
        return fail_field(name, "must be text without a zero byte");
    *out = node->text;
}

void Fields::code(std::string_view name, std::string* out, std::size_t size_max, Need need) {
    const JsonNode* node = find(name, need);
    if (node == nullptr)
        return;
    if (node->kind != JsonKind::text || !is_code(node->text, size_max)) {
        return fail_field(name, "must be a code of a-z, 0-9 and '_', at most " +
                                    std::to_string(size_max) + " characters");
    }
    *out = node->text;
}

void Fields::whole(std::string_view name, std::int64_t* out, std::int64_t min, std::int64_t max,
                   Need need) {
    const JsonNode* node = find(name, need);
    if (node == nullptr)
        return;
    if (node->kind != JsonKind::whole || node->whole < min || node->whole > max) {
        return fail_field(name, "must be a whole number from " + std::to_string(min) + " to " +
                                    std::to_string(max));
    }
    *out = node->whole;
}

void Fields::whole(std::string_view name, std::optional<std::int64_t>* out, std::int64_t min,
                   std::int64_t max) {
    if (find(name, Need::optional) == nullptr)
        return;
    std::int64_t value = 0;
    whole(name, &value, min, max);
    if (ok())
        *out = value;
}

void Fields::boolean(std::string_view name, bool* out, Need need) {
    const JsonNode* node = find(name, need);
    if (node == nullptr)
        return;
    if (node->kind != JsonKind::boolean)
        return fail_field(name, "must be true or false");
    *out = node->boolean;
}

void Fields::boolean(std::string_view name, std::optional<bool>* out) {
    const JsonNode* node = find(name, Need::optional);
    if (node == nullptr)
        return;
    if (node->kind != JsonKind::boolean)
        return fail_field(name, "must be true or false");
    *out = node->boolean;
}

void Fields::utc(std::string_view name, UtcTime* out, Need need) {
    const JsonNode* node = find(name, need);
    if (node == nullptr)
        return;
    const auto time = node->kind == JsonKind::text ? parse_utc(node->text)
                                                   : fail(Error(Errc::invalid, "not text"));
    if (!time)
        return fail_field(name, "must be a time like \"2026-11-20T23:14:05.123Z\"");
    *out = *time;
}

void Fields::utc(std::string_view name, std::optional<UtcTime>* out) {
    UtcTime time;
    if (find(name, Need::optional) == nullptr)
        return;
    utc(name, &time);
    if (ok())
        *out = time;
}

void Fields::millis(std::string_view name, Nanos* out, std::int64_t min, std::int64_t max,
                    Need need) {
    const JsonNode* node = find(name, need);
    if (node == nullptr)
        return;
    std::int64_t count = 0;
    whole(name, &count, min, max);
    if (ok())
        *out = Millis(count);
}

std::string Fields::text_of(std::string_view name) {
    std::string found;
    text(name, &found, std::string::npos);
    return found;
}

std::uint64_t Fields::number_of(std::string_view name) {
    const auto digits = text_of(name);
    std::uint64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

std::optional<std::size_t> Fields::child(std::string_view name, Need need, JsonKind kind,
                                         std::string_view rule) {
    std::size_t index = 0;
    const JsonNode* node = find(name, need, &index);
    if (node == nullptr)
        return std::nullopt;
    if (node->kind != kind) {
        fail_field(name, rule);
        return std::nullopt;
    }
    return index;
}

std::optional<std::size_t> Fields::object(std::string_view name, Need need) {
    return child(name, need, JsonKind::object, "must be an object");
}

std::optional<std::size_t> Fields::array(std::string_view name, Need need) {
    return child(name, need, JsonKind::array, "must be a list");
}

std::vector<std::int64_t> Fields::wholes(std::string_view name) {
    std::vector<std::int64_t> all;
    const auto list = array(name);
    const auto end = list ? document_->node(*list).next : 0;
    for (auto i = list.value_or(0) + 1; i < end; i = document_->node(i).next) {
        if (document_->node(i).kind != JsonKind::whole) {
            fail_field(name, "is not a list of whole numbers");
            return {};
        }
        all.push_back(document_->node(i).whole);
    }
    return all;
}

std::optional<std::size_t> Fields::string(std::string_view name, Need need) {
    return child(name, need, JsonKind::text, "must be text");
}

}  // namespace bullpen::ipc
