export default function More() {
  return <p id="details">details of version {process.env.NEXT_PUBLIC_VERSION}</p>;
}
