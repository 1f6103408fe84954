// A strict reader of JSON for frames from other processes, used by codec and control only. It keeps
// what a general library gives away: a field twice is an error, a number is whole or it is not, and
// every error names its field. And it is quick: the daemon reads 500 heartbeats a second.
//
// JsonDocument: the parsed frame, as a flat list of nodes that refer to the text; the text must
// outlive it. Fields: one object of it, read field by field; the first error stays.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"

namespace bullpen::ipc {

// The version of the envelope, `v` in every message.
inline constexpr int k_envelope = 1;

enum class JsonKind : std::uint8_t {
    null,
    boolean,
    whole,  // fits std::int64_t
    real,   // any other number; nobody here needs its value
    text,
    object,
    array,
};

struct JsonNode {
    JsonKind kind = JsonKind::null;
    bool boolean = false;
    std::uint32_t begin = 0;  // of the value in the source
    std::uint32_t end = 0;
    std::uint32_t next = 0;   // the node after this one and all below it
    std::int64_t whole = 0;   // of a field's name: its fingerprint
    std::string_view text{};  // without quotes and escapes
};

// Equal texts have equal fingerprints, so that most unequal ones are told apart by one comparison.
inline std::int64_t fingerprint(std::string_view text) {
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
    const std::size_t size = text.size();
    if (size >= sizeof head) {
        std::memcpy(&head, text.data(), sizeof head);
        std::memcpy(&tail, text.data() + size - sizeof tail, sizeof tail);
    } else {
        for (const char c : text)
            head = head << 8U | static_cast<unsigned char>(c);
    }
    return static_cast<std::int64_t>(head ^ (tail << 1U | tail >> 63U) ^ (size << 56U));
}

struct JsonLimits {
    std::size_t size_max;
    int depth_max;
};

class JsonDocument {
  public:
    // The frame must be one object. Errc::too_large, Errc::invalid.
    static Result<JsonDocument> parse(std::string_view source, JsonLimits limits);

    [[nodiscard]] const JsonNode& node(std::size_t index) const { return nodes_[index]; }
    [[nodiscard]] std::string_view source(const JsonNode& node) const {
        return source_.substr(node.begin, node.end - node.begin);
    }

  private:
    friend class JsonParser;
    std::string_view source_;
    std::vector<JsonNode> nodes_;        // an object's children: key, value, key, value, ...
    std::deque<std::string> unescaped_;  // texts that held escapes; views into them stay valid
};

enum class Need : std::uint8_t { required, optional };

class Fields {
  public:
    // `what` stands in front of every error: "heartbeat".
    Fields(const JsonDocument& document, std::size_t object, std::string what)
        : document_(&document), object_(object), cursor_(object + 1), what_(std::move(what)) {}

    // Each leaves `out` as it is when an optional field is absent or null, and does nothing after
    // the first error.
    void text(std::string_view name, std::string* out, std::size_t size_max,
              Need need = Need::optional);
    void whole(std::string_view name, std::int64_t* out, std::int64_t min, std::int64_t max,
               Need need = Need::optional);
    void whole(std::string_view name, std::optional<std::int64_t>* out, std::int64_t min,
               std::int64_t max);
    template <class Integer>
    void integer(std::string_view name, Integer* out, std::int64_t min, std::int64_t max,
                 Need need = Need::optional) {
        auto value = static_cast<std::int64_t>(*out);
        whole(name, &value, min, max, need);
        *out = static_cast<Integer>(value);
    }
    void boolean(std::string_view name, bool* out, Need need = Need::optional);
    void boolean(std::string_view name, std::optional<bool>* out);
    void utc(std::string_view name, UtcTime* out, Need need = Need::optional);
    void utc(std::string_view name, std::optional<UtcTime>* out);
    void millis(std::string_view name, Nanos* out, std::int64_t min, std::int64_t max,
                Need need = Need::optional);
    // A code: [a-z][a-z0-9_]*, at most `size_max` characters.
    void code(std::string_view name, std::string* out, std::size_t size_max,
              Need need = Need::optional);

    // For a reader that goes on where something is missing: a text that is not there is empty, a
    // number that was written as text (JsonWriter::number) is 0.
    [[nodiscard]] std::string text_of(std::string_view name);
    [[nodiscard]] std::uint64_t number_of(std::string_view name);

    // The node of a field that is present and not null; its index in the document.
    std::optional<std::size_t> object(std::string_view name, Need need = Need::optional);
    std::optional<std::size_t> array(std::string_view name, Need need = Need::optional);
    std::optional<std::size_t> string(std::string_view name, Need need = Need::optional);

    // Every object of a list of at most `most`: `read` gets its node and says whether it was good.
    template <class Read>
    void each_object(std::string_view name, Need need, std::size_t most, Read read) {
        const auto list = array(name, need);
        if (!list)
            return;
        const auto end = document_->node(*list).next;
        std::size_t count = 0;
        for (auto i = *list + 1; i < end; i = document_->node(i).next) {
            if (document_->node(i).kind != JsonKind::object || ++count > most)
                return fail_field(name, "is not a list of objects, or too long");
            if (auto good = read(i); !good)
                return fail_with(std::move(good).error());
        }
    }

    // The elements of a list of whole numbers, and none where there is no list.
    std::vector<std::int64_t> wholes(std::string_view name);

    void fail_field(std::string_view name, std::string_view rule);
    // Takes over the error of something inside.
    void fail_with(Error error);
    [[nodiscard]] bool ok() const { return !error_.has_value(); }
    [[nodiscard]] Result<void> status() const;
    [[nodiscard]] const std::string& what() const { return what_; }

  private:
    const JsonNode* find(std::string_view name, Need need, std::size_t* index = nullptr);
    std::optional<std::size_t> child(std::string_view name, Need need, JsonKind kind,
                                     std::string_view rule);

    const JsonDocument* document_;
    std::size_t object_;
    // Fields are looked for from where the last one was found: senders write them in our order.
    std::size_t cursor_;
    std::string what_;
    std::optional<Error> error_;
};

// Checks `v` of a message and returns its `type`. Errc::newer_version when `v` is above what this
// build knows.
Result<std::string> read_envelope(const JsonDocument& document);

// [a-z][a-z0-9_]*, at most `size_max` characters.
bool is_code(std::string_view text, std::size_t size_max);
// The beginning of `text` in printable characters, for an error.
std::string excerpt(std::string_view text);

}  // namespace bullpen::ipc
