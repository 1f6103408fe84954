#include "common/vault/hand_over.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/vault/word_reader.hpp"

namespace bullpen::vault {

namespace {

constexpr int k_read_wait_ms = 5'000;

// Writes into a secret that is large enough for all, and grows nowhere.
class Writer {
  public:
    explicit Writer(std::size_t room) : text_(Secret::of_size(room)) {}

    void raw(std::string_view text) {
        if (text.empty())
            return;
        BULLPEN_ASSERT(size_ + text.size() <= text_.size(),
                       "there is room for what is handed over");
        std::memcpy(text_.writable().data() + size_, text.data(), text.size());
        size_ += text.size();
    }
    void text(std::string_view text) {
        raw("\"");
        for (const char c : text) {
            switch (c) {
                case '"': raw("\\\""); break;
                case '\\': raw("\\\\"); break;
                case '\n': raw("\\n"); break;
                case '\r': raw("\\r"); break;
                case '\t': raw("\\t"); break;
                default: raw({&c, 1});
            }
        }
        raw("\"");
    }
    Secret take() {
        text_.cut(size_);
        return std::move(text_);
    }

  private:
    Secret text_;
    std::size_t size_ = 0;
};

std::size_t closing_quote(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"')
            return at;
        if (text[at] == '\\' && ++at == text.size())
            break;
    }
    return std::string_view::npos;
}

// A text in quotes, just as Writer writes it; none when it is not one.
std::optional<Secret> read_text(WordReader& reader) {
    if (!reader.take("\""))
        return std::nullopt;
    const auto rest = reader.rest();
    const auto end = closing_quote(rest);
    if (end == std::string_view::npos)
        return std::nullopt;
    Secret out = Secret::of_size(end);
    std::size_t size = 0;
    for (std::size_t at = 0; at < end; ++at) {
        char c = rest[at];
        if (c == '\\') {
            const auto known = std::string_view("\"\\nrt").find(rest[++at]);
            if (known == std::string_view::npos)
                return std::nullopt;
            c = "\"\\\n\r\t"[known];
        }
        out.writable()[size++] = c;
    }
    out.cut(size);
    reader.skip(end + 1);
    return out;
}

std::optional<std::string> plain(std::optional<Secret> text) {
    return text ? std::optional<std::string>(text->reveal()) : std::nullopt;
}

bool read_fields(WordReader& reader, Credentials& credentials) {
    if (!reader.take(",\"fields\":{"))
        return false;
    for (bool first = true; !reader.take("}"); first = false) {
        if (!first && !reader.take(","))
            return false;
        auto name = plain(read_text(reader));
        if (!name || !reader.take(":"))
            return false;
        auto value = read_text(reader);
        if (!value || credentials.find(*name) != nullptr ||
            !credentials.put({*name, std::move(*value), {}, {}}))
            return false;
    }
    return true;
}

bool read_expiries(WordReader& reader, Credentials& credentials) {
    if (!reader.take(",\"expires\":{"))
        return false;
    for (bool first = true; !reader.take("}"); first = false) {
        if (!first && !reader.take(","))
            return false;
        const auto name = plain(read_text(reader));
        const auto text = reader.take(":") ? plain(read_text(reader)) : std::nullopt;
        const auto time = text ? parse_utc(*text) : fail(Errc::corrupt, "");
        const auto* field = name ? credentials.find(*name) : nullptr;
        if (!time || field == nullptr)
            return false;
        if (!credentials.put({*name, Secret(std::string(field->value.reveal())), {}, *time}))
            return false;
    }
    return true;
}

// At least as much as the text takes: pages that are locked and wiped cost time.
std::size_t room_for(const Credentials& credentials) {
    constexpr std::size_t k_frame = 128;
    constexpr std::size_t k_frame_of_field = 64;  // quotes, commas and a time
    std::size_t room = k_frame;
    for (const auto& field : credentials.fields())
        room += k_frame_of_field + 2 * field.name.size() + 2 * field.value.size();
    return std::min(room, k_hand_over_max);
}

}  // namespace

Secret hand_over_text(const Credentials& credentials) {
    Writer out(room_for(credentials));
    out.raw("{\"v\":1,\"account\":");
    out.text(credentials.account().str());
    out.raw(",\"fields\":{");
    std::string_view comma;
    for (const auto& field : credentials.fields()) {
        out.raw(comma);
        comma = ",";
        out.text(field.name);
        out.raw(":");
        out.text(field.value.reveal());
    }
    out.raw("},\"expires\":{");
    comma = {};
    for (const auto& field : credentials.fields()) {
        if (!field.expires)
            continue;
        out.raw(comma);
        comma = ",";
        out.text(field.name);
        out.raw(":");
        out.text(format_utc(*field.expires));
    }
    out.raw("}}\n");
    return out.take();
}

Result<Credentials> parse_hand_over(const Secret& text, const AccountId& account) {
    const auto wrong = [] {
        return fail(Errc::corrupt, "the credentials on the descriptor are not what was sent");
    };
    WordReader reader(text.reveal());
    if (!reader.take("{\"v\":1,\"account\":"))
        return wrong();
    const auto name = plain(read_text(reader));
    if (!name)
        return wrong();
    if (*name != account.str()) {
        return fail(Errc::wrong_account,
                    "the credentials on the descriptor are those of account '" + *name + "'");
    }
    Credentials credentials(account);
    if (!read_fields(reader, credentials) || !read_expiries(reader, credentials) ||
        !reader.take("}\n") || !reader.at_end())
        return wrong();
    return credentials;
}

Result<Descriptor> pipe_with(const Secret& text) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        return fail_errno("cannot make a pipe");
    Descriptor in(ends[0]);
    const Descriptor out(ends[1]);
    const auto written = ::write(out.get(), text.reveal().data(), text.size());
    if (written < 0 && errno != EAGAIN)
        return fail_errno("cannot write credentials into a pipe");
    if (written != static_cast<ssize_t>(text.size())) {
        return fail(Errc::exhausted,
                    "a pipe of this system has no room for the account's credentials; raise "
                    "fs.pipe-user-pages-soft");
    }
    // Whoever reads it may wait for what is there already.
    ::fcntl(in.get(), F_SETFL, ::fcntl(in.get(), F_GETFL) & ~O_NONBLOCK);
    return in;
}

Result<Secret> read_pipe(Descriptor pipe) {
    Secret text = Secret::of_size(k_hand_over_max);
    std::size_t size = 0;
    for (;;) {
        pollfd waits{pipe.get(), POLLIN, 0};
        const int ready = ::poll(&waits, 1, k_read_wait_ms);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready == 0)
            return fail(Errc::timed_out, "nothing comes from the credentials' descriptor");
        if (size == text.size())
            return fail(Errc::too_large, "more comes from the credentials' descriptor than may be");
        const auto got = ::read(pipe.get(), text.writable().data() + size, text.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno("cannot read the credentials' descriptor");
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    text.cut(size);
    return text;
}

std::vector<std::string> environment_with(const config::AccountSettings& settings,
                                          const Credentials& credentials) {
    std::vector<std::string> variables;
    variables.reserve(settings.credentials_environment.size());
    for (const auto& entry : settings.credentials_environment) {
        const auto equals = entry.find('=');
        if (const auto* field = credentials.find(std::string_view(entry).substr(equals + 1))) {
            // Without a copy of the value that nobody wipes.
            auto& variable = variables.emplace_back();
            variable.reserve(equals + 1 + field->value.size());
            variable.append(entry, 0, equals + 1).append(field->value.reveal());
        }
    }
    return variables;
}

HandOver::~HandOver() {
    for (auto& variable : variables)
        wipe(variable);
}

Result<HandOver> hand_over(const config::AccountSettings& settings,
                           const Result<std::optional<SealedFile>>& file, const KeyRing* keys,
                           const std::string& locked) {
    if (!file)
        return fail(file.error());
    HandOver handed;
    if (!*file)
        return handed;
    if (keys == nullptr)
        return fail(Errc::unavailable, locked);
    BULLPEN_TRY(const auto credentials, open(**file, *keys, settings.id));
    if (!settings.credentials_environment.empty()) {
        handed.variables = environment_with(settings, credentials);
        return handed;
    }
    BULLPEN_TRY(handed.pipe, pipe_with(hand_over_text(credentials)));
    return handed;
}

}  // namespace bullpen::vault
