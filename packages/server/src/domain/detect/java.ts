import { type FileView, firstOf, glance, hasFile } from './files.ts';
import {
  type Check,
  type Ecosystem,
  type Findings,
  type Found,
  type Notice,
  nothing,
  type Place,
  type Tool,
  versioned,
  word,
} from './found.ts';

/** What makes one jar (or a folder) that Java starts, by a mark in the build file. */
interface Packing {
  readonly framework: string | null;
  readonly mark: RegExp;
  /** Options of Java that make it listen on $PORT. */
  readonly port: string;
  readonly maven: string;
  readonly gradle: { readonly task: string; readonly jar: string };
}

/** `NAME` stands for artifact and version. */
const packings: readonly Packing[] = [
  {
    framework: 'Spring Boot',
    mark: /spring-boot-maven-plugin|org\.springframework\.boot["']|spring-boot-gradle-plugin|libs\.plugins\.(spring\.boot|springboot)/,
    port: '-Dserver.port="$PORT" ',
    maven: 'target/NAME.jar',
    gradle: { task: 'bootJar', jar: 'build/libs/NAME.jar' },
  },
  {
    framework: 'Quarkus',
    mark: /quarkus-maven-plugin|io\.quarkus\b/,
    port: '-Dquarkus.http.port="$PORT" ',
    maven: 'target/quarkus-app/quarkus-run.jar',
    gradle: { task: 'quarkusBuild', jar: 'build/quarkus-app/quarkus-run.jar' },
  },
  {
    framework: 'Micronaut',
    mark: /micronaut-maven-plugin|io\.micronaut\.application/,
    port: '-Dmicronaut.server.port="$PORT" ',
    maven: 'target/NAME.jar',
    gradle: { task: 'shadowJar', jar: 'build/libs/NAME-all.jar' },
  },
  {
    framework: 'Ktor',
    mark: /io\.ktor\.plugin/,
    port: '',
    maven: 'target/NAME.jar',
    gradle: { task: 'buildFatJar', jar: 'build/libs/*-all.jar' },
  },
  {
    framework: null,
    mark: /maven-shade-plugin|com\.(github\.johnrengelman|gradleup)\.shadow/,
    port: '',
    maven: 'target/NAME.jar',
    gradle: { task: 'shadowJar', jar: 'build/libs/NAME-all.jar' },
  },
];

const maven: Ecosystem = ({ files }) => {
  const pom = glance(files, 'pom.xml');
  if (pom === null) return null;
  const wrapper = files.exists('mvnw');
  const run = `${wrapper ? 'sh ./mvnw' : 'mvn'} --batch-mode --no-transfer-progress`;
  const packing = packings.find((each) => each.mark.test(pom)) ?? null;
  const java = javaOf(files, pom, 'pom.xml', pomVersions);
  const modules = /<modules>/.test(pom);
  const jar = packing?.maven.replace('NAME', artifactOf(pom)) ?? null;
  const checks: Check[] = pluginChecks
    .filter(([mark]) => mark.test(pom))
    .map(([, name, goal]) => ({ name, command: `${run} ${goal}`, origin: `pom.xml, ${goal.split(':')[0]}` }));
  return javaFindings(files, {
    name: 'Maven',
    manifest: 'pom.xml',
    tools: wrapper ? [java] : [java, { name: 'maven', wanted: null, origin: 'pom.xml' }],
    packing,
    quality: checks,
    test: `${run} test`,
    build: `${run} -DskipTests package`,
    jar: modules ? null : jar,
  });
};

const pluginChecks = [
  [/checkstyle-maven-plugin/, 'lint', 'checkstyle:check'],
  [/spotless-maven-plugin/, 'format', 'spotless:check'],
] as const;

const gradleFiles = ['build.gradle.kts', 'build.gradle'];

const gradle: Ecosystem = ({ files }) => {
  const manifest = firstOf(files, gradleFiles);
  const text = manifest === null ? null : glance(files, manifest);
  if (manifest === null || text === null) return null;
  const wrapper = files.exists('gradlew');
  const run = `${wrapper ? 'sh ./gradlew' : 'gradle'} --no-daemon`;
  const packing = packings.find((each) => each.mark.test(text)) ?? null;
  const java = javaOf(files, text, manifest, gradleVersions);
  const settings = firstOf(files, ['settings.gradle.kts', 'settings.gradle']);
  const name = /rootProject\.name\s*=\s*["']([\w.-]{1,100})["']/.exec(
    settings === null ? '' : (glance(files, settings) ?? ''),
  )?.[1];
  const version = /^version\s*=\s*["']([\w.-]{1,60})["']/m.exec(text)?.[1];
  const jar =
    packing?.gradle.jar.replace(
      'NAME',
      name === undefined ? '*' : version === undefined ? name : `${name}-${version}`,
    ) ?? null;
  const installed = packing === null && /\bapplication\b/.test(text) && /mainClass/.test(text) && name !== undefined;
  const quality: Check[] = gradleChecks
    .filter(([mark]) => mark.test(text))
    .map(([, check, task]) => ({ name: check, command: `${run} ${task}`, origin: `${manifest}, ${task}` }));
  const found = javaFindings(files, {
    name: 'Gradle',
    manifest,
    tools: wrapper ? [java] : [java, { name: 'gradle', wanted: null, origin: manifest }],
    packing,
    quality,
    test: `${run} test`,
    build: `${run} ${packing?.gradle.task ?? (installed ? 'installDist' : 'assemble')}`,
    jar,
  });
  if (!installed) return found;
  return {
    ...found,
    start: { kind: 'command', command: `build/install/${name}/bin/${name}`, origin: `${manifest}, plugin application` },
  };
};

const gradleChecks = [
  [/\bcheckstyle\b/, 'lint', 'checkstyleMain'],
  [/io\.gitlab\.arturbosch\.detekt/, 'lint', 'detekt'],
  [/org\.jlleitschuh\.gradle\.ktlint/, 'format', 'ktlintCheck'],
  [/com\.diffplug\.spotless/, 'format', 'spotlessCheck'],
] as const;

interface JavaBuild {
  readonly name: string;
  readonly manifest: string;
  readonly tools: readonly Tool[];
  readonly packing: Packing | null;
  readonly quality: readonly Check[];
  readonly test: string;
  readonly build: string;
  readonly jar: string | null;
}

function javaFindings(files: FileView, built: JavaBuild): Findings {
  const { manifest, packing, jar } = built;
  const [java] = built.tools;
  const framework = packing?.framework == null ? '' : `${packing.framework} on `;
  return {
    ...nothing,
    kind: { value: `${framework}${versioned('Java', java)} with ${built.name}`, origin: manifest },
    tools: built.tools,
    quality: built.quality,
    test: hasTests(files) ? { value: built.test, origin: 'src/test/' } : null,
    build: { value: built.build, origin: manifest },
    start:
      jar === null
        ? null
        : {
            kind: 'command',
            command: `java ${packing?.port ?? ''}-jar ${jar.includes('*') ? jar : word(jar)}`,
            origin: manifest,
          },
    health: healthOf(files, manifest),
    certain: packing !== null,
    notices: serverPort(files, packing),
    ask: `Which command starts the service? ${manifest} makes no jar that can be started by itself`,
  };
}

function hasTests(files: FileView): boolean {
  return files.list('src/test').length > 0 || hasFile(files, /Tests?\.(java|kt)$/);
}

function healthOf(files: FileView, manifest: string): Found | null {
  const text = glance(files, manifest) ?? '';
  if (/spring-boot-starter-actuator/.test(text))
    return { value: '/actuator/health', origin: `${manifest}, spring-boot-starter-actuator` };
  if (/quarkus-smallrye-health/.test(text))
    return { value: '/q/health', origin: `${manifest}, quarkus-smallrye-health` };
  return null;
}

/** The options of the command line win over the settings; a server of the program's own keeps its port. */
function serverPort(files: FileView, packing: Packing | null): Notice[] {
  if (packing?.framework !== 'Ktor') return [];
  const origin = firstOf(files, ['src/main/resources/application.conf', 'src/main/resources/application.yaml']);
  const text = origin === null ? '' : (glance(files, origin) ?? '');
  const port = /\bport\s*[:=]\s*"?(\d{2,5})/.exec(text)?.[1];
  if (origin === null || port === undefined || /\$\{?\??PORT/.test(text)) return [];
  return [
    {
      text: `It listens on ${port}, not on $PORT, where it is asked`,
      origin,
      help: 'Let the setting take the environment variable PORT.',
    },
  ];
}

/** Artifact and version, which name the jar; what is inherited or computed can be anything. */
function artifactOf(pom: string): string {
  const own = ['parent', 'dependencies', 'dependencyManagement', 'build', 'profiles'].reduce(without, pom);
  const final = /<finalName>\s*([^<]{1,200}?)\s*<\/finalName>/.exec(pom)?.[1];
  const artifact = /<artifactId>\s*([\w.-]{1,100})\s*<\/artifactId>/.exec(own)?.[1];
  const version = /<version>\s*([^<]{1,100}?)\s*<\/version>/.exec(own)?.[1];
  const name = final ?? (artifact !== undefined && version !== undefined ? `${artifact}-${version}` : null);
  return name !== null && /^[\w.-]+$/.test(name) ? name : '*';
}

/** The text without the first element of the name; elements of one name don't lie in each other here. */
function without(text: string, element: string): string {
  const start = text.indexOf(`<${element}>`);
  const end = text.lastIndexOf(`</${element}>`);
  return start < 0 || end < start ? text : text.slice(0, start) + text.slice(end + element.length + 3);
}

const pomVersions = [
  /<java\.version>\s*([\d.]{1,10})/,
  /<maven\.compiler\.release>\s*([\d.]{1,10})/,
  /<maven\.compiler\.source>\s*([\d.]{1,10})/,
  /<release>\s*([\d.]{1,10})\s*<\/release>/,
];
const gradleVersions = [
  /JavaLanguageVersion\.of\(\s*["']?(\d{1,3})/,
  /jvmToolchain\(\s*(\d{1,3})/,
  /sourceCompatibility\s*=\s*(?:JavaVersion\.VERSION_|["'])?(?:1_)?(\d{1,3})/,
];

function javaOf(files: FileView, text: string, manifest: string, patterns: readonly RegExp[]): Tool {
  const line = (path: string, pattern: RegExp) => pattern.exec(glance(files, path) ?? '')?.[1];
  const places = [
    [line('.java-version', /^\s*([\w.-]{1,40})/), '.java-version'],
    [line('system.properties', /^java\.runtime\.version\s*=\s*([\w.-]{1,40})/m), 'system.properties'],
    [line('.sdkmanrc', /^java\s*=\s*([\w.-]{1,40})/m), '.sdkmanrc'],
    ...patterns.map((pattern) => [pattern.exec(text)?.[1], manifest] as const),
  ] as const;
  const found = places.find(([wanted]) => wanted !== undefined);
  return { name: 'java', wanted: found?.[0] ?? null, origin: found?.[1] ?? manifest };
}

/** Services in Java or Kotlin, built by Maven or Gradle. */
export function java(place: Place): Findings | null {
  return maven(place) ?? gradle(place);
}
