/* Nobody is paged for what is only information: a filter for Nightbell in C, written against the contract alone
 * (world `filter-json` of plugin-sdk/wit/nightbell.wit). No library, no WASI: three exports are all there is to it.
 *
 * In comes a JSON array of events, out goes an array with one verdict for each, in order. */

typedef unsigned char byte;
typedef unsigned int u32;

#define VISIBLE(name) __attribute__((export_name(name), used))

/* Memory is taken from the end and never given back: each batch gets a fresh instance. */
extern byte __heap_base;
static u32 top;

VISIBLE("cabi_realloc")
void *cabi_realloc(void *old, u32 old_size, u32 align, u32 size) {
    if (top == 0) top = (u32)&__heap_base;
    u32 at = (top + align - 1) & ~(align - 1);
    top = at + size;
    u32 have = __builtin_wasm_memory_size(0) * 65536u;
    if (top > have && __builtin_wasm_memory_grow(0, (top - have + 65535) / 65536) == (u32)-1) __builtin_trap();
    byte *new = (byte *)at;
    for (u32 i = 0; i < old_size && i < size; i++) new[i] = ((byte *)old)[i];
    return new;
}

static const char KEEP[] = "{\"verdict\":\"keep\"}";
static const char SUPPRESS[] = "{\"verdict\":\"suppress\",\"reason\":\"only information\"}";

static byte *write(byte *to, const char *text) {
    while (*text) *to++ = (byte)*text++;
    return to;
}

/* Whether `text` stands here. */
static int is(const byte *at, const byte *end, const char *text) {
    for (; *text; at++, text++)
        if (at == end || *at != (byte)*text) return 0;
    return 1;
}

/* Where the string that begins at this quote ends. */
static const byte *after_string(const byte *at, const byte *end) {
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\') at++;
    return at + 1;
}

/* The string at `result`: its address and its length in bytes. */
struct text { byte *at; u32 length; };
static struct text result;

VISIBLE("nightbell:plugin/judging-json@1.0.0#judge")
struct text *judge(const byte *events, u32 length) {
    const byte *end = events + length;
    /* A verdict is at most twice as long as an empty event, which has some 200 bytes with all its keys. */
    byte *out = cabi_realloc(0, 0, 1, 2 * length + 16), *to = out;
    int depth = 0, is_info = 0, seen = 0;
    *to++ = '[';
    for (const byte *at = events; at < end;) {
        /* Depth 2 is inside an event of the array, and not inside its labels or details. The host writes no spaces. */
        if (depth == 2 && is(at, end, "\"severity\":\"info\"")) is_info = 1;
        if (*at == '"') { at = after_string(at, end); continue; }
        if (*at == '[' || *at == '{') depth++;
        if (*at == ']' || *at == '}') {
            if (depth-- == 2) {
                if (seen++) *to++ = ',';
                to = write(to, is_info ? SUPPRESS : KEEP);
                is_info = 0;
            }
        }
        at++;
    }
    *to++ = ']';
    result.at = out;
    result.length = to - out;
    return &result;
}
